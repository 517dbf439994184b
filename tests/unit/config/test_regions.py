import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.config.regions import REGIONS, Region, find_region
from tieline.errors import ConfigInvalid


@given(region=st.sampled_from(REGIONS), data=st.data())
def test_every_form_people_write_finds_its_region(region: Region, data: st.DataObject) -> None:
    forms = [
        region.aws, region.domain, region.aws.replace("-", "_"), region.api_url, region.login_url,
        f"https://apps.{region.domain}/directory", region.domain.upper(), f"  {region.aws} ",
    ]  # fmt: skip
    assert find_region(data.draw(st.sampled_from(forms))) is region


@given(st.text().filter(lambda text: "." not in text and "-" not in text and "_" not in text))
def test_any_other_text_is_refused_with_an_offer(text: str) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        find_region(text)
    assert caught.value.hint


def test_a_typing_mistake_gets_the_nearest_regions() -> None:
    with pytest.raises(ConfigInvalid) as caught:
        find_region("eu-west-11", source="environment TIELINE_REGION")
    assert "eu-west-1" in caught.value.hint
    assert caught.value.message == "environment TIELINE_REGION: 'eu-west-11' is not a region"


def test_names_and_domains_are_unique() -> None:
    assert len({r.aws for r in REGIONS}) == len({r.domain for r in REGIONS}) == len(REGIONS) == 18
