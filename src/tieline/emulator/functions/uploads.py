"""The presigned upload: a URL is given out, and takes a zip until it expires, without a token."""

import asyncio
import hmac
import re

from tieline.contracts.function_archive import MOST_ZIP_BYTES
from tieline.emulator import wire_errors
from tieline.emulator.actions.views import PREFIX
from tieline.emulator.call import Answer, Call
from tieline.emulator.functions.access import with_function
from tieline.emulator.functions.errors import presigned
from tieline.emulator.functions.state import receive
from tieline.emulator.routes import Route

UPLOAD_PREFIX = "/function-uploads"
_NAME = re.compile(r"[a-zA-Z0-9.+\-_()\s]+\Z")
_USUAL_SECONDS = 900
_MOST_SECONDS = 604_800


def request_upload(call: Call) -> Answer:
    """Give out the URL of an upload, and the headers that it must bring."""
    draft = with_function(call, call.world.actions.drafts.get(call.path[0]))
    call.require("fileName")
    name = call.text("fileName") or ""
    if not _NAME.match(name):
        raise wire_errors.invalid_value(
            "fileName", name, kind="String", allowed="letters, digits, . + - _ ( ) and spaces"
        )
    seconds = call.whole("signedUrlTimeoutSeconds", usual=_USUAL_SECONDS, most=_MOST_SECONDS)
    organization = call.world.organization.reference()["id"]
    headers = {
        "x-amz-meta-correlationid": call.correlation_id,
        "x-amz-meta-filename": name,
        "x-amz-meta-functionid": draft["id"],
        "x-amz-meta-organizationid": organization,
        "x-amz-tagging": f"organizationId={organization}",
    }
    upload = call.world.functions.offer(
        draft["id"], name, headers=headers, now=call.now, expires=call.now + seconds
    )
    url = f"{call.origin}{UPLOAD_PREFIX}/{upload['token']}?X-Amz-Expires={seconds}"
    body = {"url": url, "headers": headers, "signedUrlTimeoutSeconds": seconds}
    return Answer(200, body, effect=upload["id"])


async def take_upload(call: Call) -> Answer:
    """Take the zip; what is wrong with it is told by its status, not here."""
    upload = call.world.functions.by_token(call.path[0])
    if upload is None:
        raise presigned(403, "AccessDenied", "The URL's signature is not valid.")
    if call.now >= upload["expires"]:
        raise presigned(403, "AccessDenied", "Request has expired")
    if call.authorization is not None:
        raise presigned(400, "InvalidArgument", "Only one auth mechanism allowed")
    for name, value in upload["headers"].items():
        if not hmac.compare_digest((call.header(name) or "").encode(), str(value).encode()):
            raise presigned(403, "SignatureDoesNotMatch", f"Header {name} is not as it was signed")
    if call.header("content-type") != "application/zip":
        raise presigned(403, "SignatureDoesNotMatch", "Content-Type is not application/zip")
    if call.header("content-length") is None:
        raise presigned(411, "MissingContentLength", "You must provide the Content-Length header.")
    arrived = await asyncio.to_thread(receive, call.body)
    call.world.functions.accept(upload, arrived, now=call.now)
    draft = call.world.actions.drafts.find(upload["action_id"])
    if draft is not None:
        draft["upload"] = upload["id"]
    return Answer(200, text="", effect=upload["id"])


ROUTES = (
    Route("POST", f"{PREFIX}/{{actionId}}/draft/function/upload", "functions.upload",
          request_upload, permissions=("integrations:actionFunction:edit",), repeatable=True),
    Route("PUT", f"{UPLOAD_PREFIX}/{{token}}", "functions.upload_zip", take_upload, public=True,
          raw=True, most_bytes=MOST_ZIP_BYTES),
)  # fmt: skip
