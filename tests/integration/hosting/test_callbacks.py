"""A callback_url on this machine: refused unless its network is allowed, then told, signed."""

from pathlib import Path

import orjson
import pytest
from scripted_server import answers, serving

from tieline.clock import SystemClock
from tieline.errors import InvalidInput
from tieline.hosting.callbacks import open_callbacks
from tieline.services.webhooks import new_secret


async def test_an_allowed_address_is_told_of_the_end_signed(tmp_path: Path) -> None:
    callbacks, store = open_callbacks(
        tmp_path, SystemClock(), networks=("127.0.0.0/8",), secret=new_secret()
    )
    async with serving(answers(204, b"")) as server:
        await callbacks.check(f"{server.url}/done")
        await callbacks.announce(f"{server.url}/done", {"status": "success"})
        await callbacks.announce(f"{server.url}/done", {"status": "error"})
        await callbacks._webhooks.run(until_empty=True)  # `deliver` never ends
        told = list(server.seen)
    store.close()

    assert [seen.target for seen in told] == ["/done", "/done"]
    assert {"webhook-id", "webhook-signature"} <= set(told[0].headers)
    assert orjson.loads(told[0].body)["status"] == "success"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/x", "http://[::1]/x", "http://169.254.169.254/x", "ftp://a/x"]
)
async def test_an_inner_address_is_refused_with_the_field(tmp_path: Path, url: str) -> None:
    callbacks, store = open_callbacks(tmp_path, SystemClock(), networks=(), secret=None)
    with pytest.raises(InvalidInput) as refused:
        await callbacks.check(url)
    store.close()

    assert refused.value.details[0]["loc"] == ["callback_url"]
