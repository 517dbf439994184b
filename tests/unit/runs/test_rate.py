import pytest

from tieline.errors import InvalidInput
from tieline.runs.rate import per_minute


@pytest.mark.parametrize(
    ("text", "rate"), [("300/min", 300), ("5/s", 300), ("18000/hour", 300), (" 1 / m ", 1)]
)
def test_a_rate_is_read_as_items_a_minute(text: str, rate: int) -> None:
    assert per_minute(text) == rate


OTHER_DIGITS = "\N{ARABIC-INDIC DIGIT THREE}/min"


@pytest.mark.parametrize(
    "text", ["", "300", "0/min", "30/hour", "-5/s", "5/day", OTHER_DIGITS, "1e3/s"]
)
def test_what_is_no_rate_of_at_least_one_a_minute_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="rate"):
        per_minute(text)
