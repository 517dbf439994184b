"""A profile's own key names reach what is recorded."""

import json
from pathlib import Path

from tieline.client import AsyncClient
from tieline.config.load import load_profile
from tieline.emulator.server import running
from tieline.services.connection import open_session

FLOW = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"


async def test_names_of_a_profile_are_masked_and_others_are_left(tmp_path: Path) -> None:
    with running() as (_, address):
        (tmp_path / "tieline.toml").write_text(
            f"""
            [profiles.default]
            base_url = "{address.url}"
            client_id = "{address.client_id}"
            client_secret = "{address.client_secret}"
            state_dir = "state"
            mask_names = ["reason"]
            plain_names = ["Flow.phone"]
            """
        )
        profile = load_profile(cwd=tmp_path, environ={})
        async with AsyncClient(session=open_session(profile)) as client:
            await client.flows.launch(
                FLOW, input={"Flow.reason": "moving house", "Flow.phone": "desk 7"}
            )

    segment = tmp_path / "state" / "audit" / "segments" / "000000000000.jsonl"
    recorded = json.loads(segment.read_text().splitlines()[0])["masked_input"]
    assert recorded["Flow.reason"].startswith("[personal:")
    assert recorded["Flow.phone"] == "desk 7"
