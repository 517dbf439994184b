"""A function's zip on its way: ask for a URL, put the bytes there, wait until it is Available."""

from collections.abc import Mapping
from dataclasses import dataclass

from tieline.calls.deadline import Deadline
from tieline.calls.operation import Answer, Request
from tieline.calls.polling import Polling, Rhythm
from tieline.calls.progress import Progress
from tieline.deployments.function_plan import DesiredFunction
from tieline.dialects import platform_functions as wire
from tieline.errors import ApiError, BadAnswer, DeadlineExceeded, InvalidInput, Unsupported
from tieline.services.looking_up import read_object
from tieline.services.recording.recorded import Subject, recorded_call
from tieline.services.session import Session
from tieline.types import Json, JsonObject

# Right after a draft was made the platform may answer its first upload request with these.
_NOT_YET = frozenset({500, 501})
_ASKING = Rhythm(first=1.0, growth=2.0, longest=8.0)
_ASKING_SECONDS = 45.0
# A large zip on a slow line takes longer than a call may.
_PUT_SECONDS = 300.0
_LOOKING = Rhythm(first=1.0, growth=1.5, longest=8.0)
# The vendor's Terraform plug-in waits as long.
ARRIVAL_SECONDS = 300.0
_REFUSED = {
    "Invalid": "the platform refuses its content",
    "InvalidFormat": "the platform says that it is no zip",
    "InvalidFile": "the platform cannot read it, or refuses a name in it",
}
_AGAIN = "run the same deploy again: it looks at what stands and goes on"


@dataclass(frozen=True, slots=True)
class _Offer:
    url: str
    headers: Mapping[str, str]


async def upload_code(
    session: Session, desired: DesiredFunction, action_id: str, subject: Subject
) -> str:
    """Bring the package to the draft and return the id of its zip, which is Available then.

    Raises:
        InvalidInput: the platform refuses the zip; says why.
        DeadlineExceeded: it is not Available in time; a later deploy goes on.
    """
    file_name = desired.package.file_name(desired.name)
    before = _zip_ids(await read_object(session, wire.draft_function(action_id)))
    offer = await _ask(session, action_id, file_name, subject)
    await _put(session, desired, offer, file_name, subject)
    return await _arrived(session, action_id, file_name, before)


async def _ask(session: Session, action_id: str, file_name: str, subject: Subject) -> _Offer:
    polling = Polling(Deadline.after(_ASKING_SECONDS, now=session.clock.monotonic()), _ASKING)
    request = wire.ask_for_upload(action_id, file_name)
    while True:
        try:
            # The URL is a key to the upload, so the log does not hold it.
            return await recorded_call(session, request, subject, _offer, keep=lambda _: None)
        except ApiError as error:
            wait = polling.wait(session.clock.monotonic()) if error.status in _NOT_YET else None
            if wait is None:
                raise
            await session.clock.sleep(wait)


async def _put(
    session: Session, desired: DesiredFunction, offer: _Offer, file_name: str, subject: Subject
) -> None:
    if session.presigned is None:
        raise Unsupported("this client's session cannot upload")
    package = desired.package
    presigned = session.presigned
    headers = {**offer.headers, "Content-Type": wire.CONTENT_TYPE}

    async def put(
        request: Request,
        *,
        timeout: float | None,  # noqa: ASYNC109  # a deadline over waits and retries
        progress: Progress,
    ) -> Answer:
        return await presigned.put(
            request,
            url=offer.url,
            headers=headers,
            content=package.content,
            timeout=max(timeout or 0.0, _PUT_SECONDS),
            progress=progress,
        )

    request = wire.upload_zip(file_name, package.content, package.digest)
    await recorded_call(session, request, subject, lambda _: None, send=put, keep=lambda _: None)


async def _arrived(session: Session, action_id: str, file_name: str, before: frozenset[str]) -> str:
    """Look until the zip that was not there before is Available.

    A draft of a published function has the published zip, Available all the time: only another
    id, or our own file name, tells that it is the one just uploaded.
    """
    clock = session.clock
    polling = Polling(Deadline.after(ARRIVAL_SECONDS, now=clock.monotonic()), _LOOKING)
    status = "Pending"
    while True:
        config = await read_object(session, wire.draft_function(action_id))
        shown = config.get("zip") or {}
        zip_id = shown.get("id")
        if zip_id not in before or shown.get("name") == file_name:
            status = str(shown.get("status", "Unknown"))
            if status == "Available" and isinstance(zip_id, str):
                return str((config.get("function") or {}).get("zipId") or zip_id)
        _check_history(config, before)
        if status in _REFUSED:
            raise _refused(status, shown.get("errorMessage"))
        wait = polling.wait(clock.monotonic(), phase=status)
        if wait is None:
            raise DeadlineExceeded(
                f"the zip is still {status} after {ARRIVAL_SECONDS:g} s", hint=_AGAIN
            )
        await clock.sleep(wait)


def _check_history(config: JsonObject, before: frozenset[str]) -> None:
    for entry in config.get("uploadExceptionHistory") or []:
        if entry.get("id") not in before and entry.get("status") in _REFUSED:
            raise _refused(entry["status"], entry.get("errorMessage"))


def _refused(status: str, message: Json) -> InvalidInput:
    said = f": {message}" if message else ""
    return InvalidInput(f"the zip is {status}: {_REFUSED[status]}{said}")


def _zip_ids(config: JsonObject) -> frozenset[str]:
    listed = [config.get("zip") or {}, *(config.get("uploadExceptionHistory") or [])]
    return frozenset(str(entry["id"]) for entry in listed if entry.get("id"))


def _offer(answer: Answer) -> _Offer:
    body = answer.body
    url, headers = (body.get("url"), body.get("headers")) if isinstance(body, dict) else (None, {})
    if not isinstance(url, str) or not isinstance(headers or {}, Mapping):
        raise BadAnswer("functions.upload: the answer has no `url`")
    return _Offer(url, {str(name): str(value) for name, value in (headers or {}).items()})
