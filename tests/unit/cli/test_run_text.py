from tieline.cli.running import run_text


def test_a_person_reads_a_runs_target_in_words_and_nothing_of_what_is_null() -> None:
    told = {"run_id": "r", "eta_s": None, "target": {"kind": "flow", "id": "f-1"}}

    assert run_text(told).splitlines() == ["run_id  r", "target  flow f-1"]
