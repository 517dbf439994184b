import pytest

from tieline.contracts.translation import Translation
from tieline.contracts.velocity import TemplateError

RAW = '{"a":{"b":null,"n":5},"items":[{"id":"x"},{"id":"y"}]}'
CASES = [
    ("whole answer", {}, {}, "${rawResult}", {"a": {"b": None, "n": 5},
                                               "items": [{"id": "x"}, {"id": "y"}]}),
    ("strings keep their quotes", {"v": "$.items[0].id"}, {}, '{"v":${v}}', {"v": "x"}),
    ("a found null takes no default", {"v": "$.a.b"}, {"v": '"d"'}, '{"v":${v}}', {"v": None}),
    ("nothing found takes the default", {"v": "$.zz"}, {"v": '"d"'}, '{"v":${v}}', {"v": "d"}),
    ("many found is a list", {"v": "$.items[*].id"}, {}, '{"v":${v}}', {"v": ["x", "y"]}),
    ("none of many takes the default", {"v": "$.zz[*].id"}, {"v": "[]"}, '{"v":${v}}', {"v": []}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("paths", "defaults", "template", "expected"),
    [row[1:] for row in CASES],
    ids=[row[0] for row in CASES],
)
def test_an_answer_is_translated_in_the_platforms_order(
    paths: dict[str, str], defaults: dict[str, str], template: str, expected: object
) -> None:
    assert Translation(paths, defaults, template).apply(RAW) == expected


def test_a_path_without_value_or_default_prints_its_name_and_is_found_out() -> None:
    with pytest.raises(TemplateError, match="success template"):
        Translation({"v": "$.zz"}, {}, '{"v":${v}}').apply(RAW)


def test_an_answer_that_is_no_json_is_named() -> None:
    with pytest.raises(TemplateError, match="outside service's answer is not JSON"):
        Translation({"v": "$.a"}, {}, "${v}").apply("<html>")


def test_a_wrong_path_is_named_before_anything_is_sent() -> None:
    with pytest.raises(TemplateError, match=r"translationMap\.v"):
        Translation({"v": "$.["}, {}, "${v}").check()
