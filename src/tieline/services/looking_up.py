"""Reading definitions and lists: calls that change nothing."""

from collections.abc import AsyncIterator, Mapping
from typing import TypeVar

from tieline.calls.operation import Request
from tieline.dialects.listing import Listing
from tieline.dialects.port import Ask, TargetWire
from tieline.errors import BadAnswer, Unsupported
from tieline.invocations.start import resolve
from tieline.services.performer import Performer, terms
from tieline.services.session import Session
from tieline.types import JsonObject

T = TypeVar("T")


async def resolved(session: Session, wire: TargetWire, given: str) -> str:
    """Find the id of a target given by id or name.

    Raises:
        NotFound: nothing has this name.
        InvalidInput: several have.
    """
    return await Performer(session, wire).run(resolve(wire, given, terms(session, None)))


async def described(session: Session, ask: Ask[T] | None) -> T:
    """Ask once and read the answer.

    Raises:
        Unsupported: this dialect has no such call.
    """
    if ask is None:
        raise Unsupported(f"the {session.dialect.name} dialect has no call for this")
    return ask.read(await session.calls.call(ask.request, timeout=session.timeout))


async def listed(session: Session, listing: Listing[T]) -> AsyncIterator[T]:
    """Walk a list to its end, fetching a page when the one before is used up.

    Raises:
        BadAnswer: it is no list, or one that never ends.
    """
    pager = listing.pages()
    while pager.query is not None:
        request = listing.request(pager.query)
        answer = await session.calls.call(request, timeout=session.timeout)
        for entry in pager.read(answer.body):
            yield listing.item(entry)


async def read_object(session: Session, request: Request) -> JsonObject:
    """Make a reading call whose answer is an object.

    Raises:
        BadAnswer: it is none.
    """
    body = (await session.calls.call(request, timeout=session.timeout)).body
    if not isinstance(body, Mapping):
        raise BadAnswer(f"{request.operation.name}: an object was expected")
    return body
