import pytest

from tieline.cli.output import Output, counted


@pytest.mark.parametrize(("number", "text"), [(0, "0 rules"), (1, "1 rule"), (2, "2 rules")])
def test_a_number_agrees_with_its_noun(number: int, text: str) -> None:
    assert counted(number, "rule") == text


def test_an_id_in_a_table_is_never_folded_off_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    long_id = "custom_-_7c1d8a52-3b0e-4f6e-9a53-1d2f5b8c9e01" * 3

    Output().records([{"id": long_id, "name": "x" * 90}], columns=["id", "name"])

    assert long_id in capsys.readouterr().out
