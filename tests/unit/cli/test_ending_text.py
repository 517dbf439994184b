from tieline.cli.ending_text import ending_text

TARGET = {"kind": "flow", "id": "f-1", "name": "Triage", "version": "2.0"}


def test_a_person_reads_words_where_the_document_has_structures() -> None:
    error = {"code": "DEADLINE_EXCEEDED", "message": "not over", "limit": "x", "hint": "wait again"}

    text = ending_text({"status": "timed_out", "target": TARGET, "result": None, "error": error})

    assert text.splitlines() == [
        "status  timed_out",
        "target  flow Triage (f-1), version 2.0",
        "error   not over",
        "hint    wait again",
    ]


def test_a_target_of_which_only_the_id_is_known_is_its_id() -> None:
    target = {"kind": "flow", "id": "f-1", "name": None, "version": None}
    assert ending_text({"target": target}) == "target  flow f-1"


def test_an_error_of_the_far_side_is_shown_as_it_came() -> None:
    error = {"message": "no", "errorType": "ValueError"}
    assert ending_text({"error": error}) == 'error  {"message":"no","errorType":"ValueError"}'
    assert ending_text({"error": "no"}) == "error  no"
