"""Page numbers, sizes and cursors: any text is a page or a 400, never anything else."""

from urllib.parse import quote

import pytest
from emulator_driver import INTAKE, Driver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LISTS = {
    "pageSize": "/api/v2/flows",
    "pageNumber": "/api/v2/flows",
    "after": "/api/v2/businessrules/decisiontables",
    "before": "/api/v2/businessrules/decisiontables",
}
NUMBERS = st.text("0123456789", min_size=1, max_size=40) | st.just("9" * 5000)
TEXTS = NUMBERS | st.builds(lambda number: f"c{number}", NUMBERS) | st.text(max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(name=st.sampled_from(sorted(LISTS)), text=TEXTS)
async def test_any_text_as_a_page_is_answered_or_refused(
    platform: Driver, name: str, text: str
) -> None:
    got = await platform.get(f"{LISTS[name]}?{name}={quote(text)}")

    assert got.status in {200, 400}
    if got.status == 200:
        assert got.json.get("pageSize", 1) <= 100


@pytest.mark.parametrize("size", ["101", "000000000001999", "0", "-1", "1.0", "٣", " 5", "1_0"])
async def test_a_size_out_of_range_or_form_is_refused(platform: Driver, size: str) -> None:
    assert (await platform.get(f"/api/v2/flows?pageSize={quote(size)}")).status == 400


@pytest.mark.parametrize("token", ["p" + "9" * 5000, "p٣", "p", "x1", "1"])
async def test_a_token_of_the_guides_that_was_never_given_is_refused(
    guide: Driver, token: str
) -> None:
    path = f"/api/v2/processes/data-actions/{INTAKE}/invocations?nextPage={quote(token)}"

    assert (await guide.get(path)).status == 400
