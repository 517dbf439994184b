import pytest

from tieline.errors import InvalidInput
from tieline.rules.format import format_source
from tieline.rules.rule_file import read_rule_file

HEAD = "ruleset: r\nfields: {s: {type: string}, b: {type: boolean}}\nrules:\n"


def rule(when: str) -> str:
    return f"- name: with {len(when)} characters\n  when: {when}\n  then: {{queue: Q}}\n"


def conditions(source: str) -> list[object]:
    file = read_rule_file(source)
    assert not file.findings
    return [one.when for one in file.ruleset.rules]


def test_a_condition_with_an_anchor_keeps_it_and_its_aliases_stay() -> None:
    source = HEAD + rule('&w   s=="a"') + rule("*w") + rule("b==true")

    formatted = format_source(source)

    assert formatted == source.replace('s=="a"', 's eq "a"').replace("b==true", "b eq true")
    assert conditions(formatted) == conditions(source)


@pytest.mark.parametrize(
    "code", [0x00, 0x1B, 0x7F, 0x80, 0x85, 0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF], ids=hex
)
def test_a_character_yaml_would_not_keep_is_written_as_an_escape(code: int) -> None:
    source = HEAD + rule(f"'s == \"x\\u{code:04x} y\"'")

    formatted = format_source(source)

    assert f"\\u{code:04x}" in formatted
    assert conditions(formatted) == conditions(source)
    assert format_source(formatted) == formatted


def test_a_condition_that_is_none_is_not_formatted() -> None:
    with pytest.raises(InvalidInput, match="line 5 cannot be formatted"):
        format_source(HEAD + rule("s =="))
