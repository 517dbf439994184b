"""Rules on their way to an organisation, through faults, rivals and kill -9 at every edge."""

from pathlib import Path
from typing import Any

import pytest
from deploying_place import FAULTS, GUIDE, Place

from tieline.dialects.business_rules import create_version
from tieline.errors import Conflict, InvalidInput, StalePlan
from tieline.services.recording.recorded import Subject, recorded_call

APIS = ("guide", "platform")
DEPLOYED: dict[str, Any] = {
    "guide": [("Technical Support Escalation Rule", 10)],
    "platform": (1, [[(1, "Published", 3)]]),
}
EMPTY: dict[str, Any] = {"guide": [], "platform": (0, [])}


@pytest.mark.parametrize("api", APIS)
def test_a_second_apply_changes_nothing_and_a_rollback_leaves_nothing(
    place: Place, api: str
) -> None:
    place.api = api
    assert place.apply().change == "applied"
    assert place.standing() == DEPLOYED[api]
    entries = len(place.control("GET", "journal")["entries"])
    assert place.apply().change == "none"
    again = place.control("GET", "journal")["entries"][entries:]
    assert not [e for e in again if e["effect"] and e["method"] != "GET"]
    found = place.status()
    assert (found.state, found.pending) == ("deployed", 0)

    assert place.rollback().change == "rolled_back"
    assert place.standing() == EMPTY[api]
    assert place.status().state == "none"
    with pytest.raises(InvalidInput, match="nothing to roll back"):
        place.rollback()


@pytest.mark.parametrize("api", APIS)
def test_a_changed_file_is_deployed_beside_the_old_one_and_rolled_back_to_it(
    place: Place, api: str
) -> None:
    place.api = api
    place.apply()
    place.file.write_text(GUIDE.replace("priority gte 5", "priority gte 7").replace(
        "    priority: 10\n", "    priority: 11\n"))  # fmt: skip

    done = place.apply()
    assert done.changes >= 1
    if api == "platform":
        assert place.standing() == (1, [[(1, "Superseded", 3), (2, "Published", 3)]])
        assert (done.facts["version"], done.facts["previous"]) == (2, 1)
    else:
        assert place.standing() == [("Technical Support Escalation Rule", 11)]

    place.rollback()
    if api == "platform":
        assert place.standing() == (1, [[(1, "Published", 3), (2, "Superseded", 3)]])
    else:
        assert place.standing() == DEPLOYED["guide"]
    place.file.write_text(GUIDE)
    assert place.status().pending == 0


@pytest.mark.parametrize("api", APIS)
def test_a_plan_that_somebody_overtook_is_refused(place: Place, api: str) -> None:
    place.api = api
    with place.client() as client:
        planned = client.rules.plan(place.file)
        rival = Place(place.address, place.folder, api)
        rival.folder = place.folder / "rival"
        rival.folder.mkdir()
        rival.file.write_text(GUIDE)
        rival.apply()

        with pytest.raises(StalePlan):
            planned.apply()
    assert place.standing() == DEPLOYED[api]


def test_a_draft_of_somebody_else_is_not_touched(place: Place) -> None:
    place.api = "platform"
    place.apply()
    table = place.control("GET", "state")["decision_tables"][0]["id"]
    with place.client() as client:
        session = client._async._session

        async def draft() -> None:
            subject = Subject("decision_table", table)
            await recorded_call(session, create_version(table), subject, lambda _: None)

        client._portal.call(draft)
    place.file.write_text(GUIDE.replace("priority gte 5", "priority gte 7"))
    with pytest.raises(Conflict, match="did not make"):
        place.apply()


CHANGES = {
    "guide": [("POST", "/api/v2/routing/rules")],
    "platform": [
        ("POST", "/api/v2/businessrules/schemas"),
        ("POST", "/api/v2/businessrules/decisiontables"),
        ("POST", "/api/v2/businessrules/decisiontables/{}/versions/{}/rows/bulk/add"),
        ("POST", "/api/v2/businessrules/decisiontables/{}/versions/{}/execute"),
        ("PUT", "/api/v2/businessrules/decisiontables/{}/versions/{}/publish"),
        ("POST", "/api/v2/businessrules/decisiontables/{}/execute"),
    ],
}


@pytest.mark.parametrize(
    ("api", "call"), [(api, call) for api in APIS for call in CHANGES[api]],
    ids=lambda value: value if isinstance(value, str) else value[1].rpartition("/")[2],
)  # fmt: skip
def test_a_fault_at_any_step_leaves_it_deployed_once_or_not_at_all(
    place: Place, tmp_path: Path, api: str, call: tuple[str, str]
) -> None:
    place.api = api
    for number, fault in enumerate(FAULTS):
        place.reset()
        place.folder = tmp_path / str(number)
        place.folder.mkdir()
        place.file.write_text(GUIDE)
        place.fault(*call, fault)
        failed = place.failure()
        if failed is not None:
            assert place.standing() == EMPTY[api], (fault, failed)
            assert place.status().state == "none", fault
        else:
            assert place.standing() == DEPLOYED[api], fault
        place.control("DELETE", "faults")
        place.apply()
        assert place.standing() == DEPLOYED[api], fault


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("recovery", ["apply", "rollback"])
def test_killed_at_every_edge_it_ends_deployed_once_or_taken_back(
    place: Place, lives: Any, tmp_path: Path, api: str, recovery: str
) -> None:
    place.api = api
    edge, killed = 1, True
    while killed:
        place.reset()
        place.folder = tmp_path / str(edge)
        place.folder.mkdir()
        place.file.write_text(GUIDE)
        killed = lives(place, edge)["killed"]
        if recovery == "apply":
            place.apply()
            assert place.standing() == DEPLOYED[api], edge
            assert place.status().state == "deployed"
            entries = place.control("GET", "journal")["entries"]
            published = [e for e in entries if (e["operation"] or "").endswith(".publish")]
            assert sum(e["effect"] is not None for e in published) == (api == "platform")
        elif place.status().state != "none":
            place.rollback()
            assert place.standing() == EMPTY[api], edge
            assert place.status().state == "none"
        edge += 1
    assert edge > 5
