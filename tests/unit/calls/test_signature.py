import random
from datetime import UTC, datetime

import pytest
import standardwebhooks

from tieline.calls.signature import BadSignature, check_secret, sign, verify
from tieline.errors import InvalidInput
from tieline.secret import Secret

SECRET = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
OTHER = Secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
NOW = 1_700_000_000.0


def message(number: int = 0, *, at: int = int(NOW)) -> tuple[dict[str, str], bytes]:
    body = b'{"n":%d}' % number
    return sign([SECRET], id=f"evt_{number}", timestamp=at, body=body), body


def test_the_reference_library_accepts_what_is_signed_here() -> None:
    now = int(datetime.now(UTC).timestamp())
    headers, body = message(at=now)

    library = standardwebhooks.Webhook(SECRET.reveal())
    assert library.verify(body, headers) == {"n": 0}


def test_what_the_reference_library_signs_is_accepted_here() -> None:
    moment = datetime.fromtimestamp(NOW, UTC)
    signature = standardwebhooks.Webhook(SECRET.reveal()).sign("evt_1", moment, '{"a":1}')
    headers = {
        "Webhook-Id": "evt_1", "Webhook-Timestamp": str(int(NOW)), "Webhook-Signature": signature,
    }  # fmt: skip

    assert verify([SECRET], headers, b'{"a":1}', now=NOW).id == "evt_1"


def test_while_a_secret_is_replaced_either_side_may_be_first() -> None:
    body = b"{}"
    both = sign([OTHER, SECRET], id="evt_1", timestamp=int(NOW), body=body)

    assert verify([SECRET], both, body, now=NOW)
    assert verify([OTHER], both, body, now=NOW)
    assert verify([OTHER, SECRET], message()[0], message()[1], now=NOW)


def forge(chance: random.Random) -> tuple[dict[str, str], bytes, float]:
    """One of the ways to be wrong: forged, changed, stale, or put together from two messages."""
    headers, body = message(1)
    other_headers, other_body = message(2, at=int(NOW) - 7)
    match chance.randrange(8):
        case 0:
            return sign([OTHER], id="evt_1", timestamp=int(NOW), body=body), body, NOW
        case 1:
            changed = bytearray(body)
            changed[chance.randrange(len(body))] ^= chance.randrange(1, 256)
            return headers, bytes(changed), NOW
        case 2:
            return headers, body, NOW + 300 + chance.uniform(1, 1e6)
        case 3:
            return headers, body, NOW - 300 - chance.uniform(1, 1e6)
        case 4:
            return headers, other_body, NOW
        case 5:
            name = chance.choice(list(headers))
            return {**headers, name: other_headers[name]}, body, NOW
        case 6:
            text = headers["webhook-signature"]
            place = chance.randrange(3, len(text) - 2)
            letter = "A" if text[place] != "A" else "B"
            return (
                {**headers, "webhook-signature": text[:place] + letter + text[place + 1 :]},
                body,
                NOW,
            )
        case _:
            missing = chance.choice(list(headers))
            return {k: v for k, v in headers.items() if k != missing}, body, NOW


def test_ten_thousand_of_ten_thousand_wrong_messages_are_refused() -> None:
    chance = random.Random(7)  # noqa: S311  # repeatable, not secret
    refused = 0
    for _ in range(10_000):
        headers, body, now = forge(chance)
        with pytest.raises(BadSignature):
            verify([SECRET], headers, body, now=now)
        refused += 1

    assert refused == 10_000


@pytest.mark.parametrize("text", ["whsec_", "whsec_c2hvcnQ=", "not base64!", ""])
def test_what_is_no_secret_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(InvalidInput, match="webhook secret") as caught:
        check_secret(Secret(text))

    assert "c2hvcnQ" not in str(caught.value)
