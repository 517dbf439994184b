"""A rule file on its way to a deployment: read, checked, proved, its queues found."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import anyio.to_thread

from tieline.audit.canonical import canonical_json
from tieline.dialects.ids import is_uuid
from tieline.dialects.queues import get_queue, queues_named
from tieline.errors import Detail, InvalidInput, LimitExceeded, NotFound
from tieline.rules.check import check_rule_file, usable
from tieline.rules.document import LARGEST_FILE_BYTES
from tieline.rules.format import ruleset_to_json
from tieline.rules.model import Ruleset
from tieline.rules.rule_file import RuleFile, read_rule_file
from tieline.rules.verify.report import WRONG
from tieline.rules.verify.verify import verify_ruleset
from tieline.services.looking_up import listed
from tieline.services.session import Session
from tieline.types import Json, JsonObject

# A proof that takes longer is told as undecided; `rules verify --budget` searches on.
VERIFY_SECONDS = 30.0

Proofs = Literal["demand", "tell", "skip"]
"""Whether what is proved wrong refuses the rules, is a warning, or is not looked for."""

Source = str | Path | Ruleset
"""A rule file's path, or a rule set as `tieline.rules.check.load_ruleset` returns it."""


class ChecksFailed(InvalidInput):
    """The rules have errors, are proved wrong, or the platform decides otherwise than they say."""


@dataclass(frozen=True, slots=True)
class CheckedRules:
    """Rules that may be deployed. `digest` is the SHA-256 of the file; `doubts` are warnings.

    `division_id` is the division of the first queue that the rules name.
    """

    ruleset: Ruleset
    digest: str
    queue_ids: Mapping[str, str]
    doubts: tuple[str, ...] = ()
    division_id: str | None = None


def read_source(source: Source) -> tuple[RuleFile, str]:
    """Read a rule file, and hash it.

    Raises:
        InvalidInput: it cannot be read, or is no rule file.
    """
    if isinstance(source, Ruleset):
        digest = hashlib.sha256(canonical_json(ruleset_to_json(source, form="tree"))).hexdigest()
        return RuleFile(source, (), len(source.rules)), digest
    path = Path(source)
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise LimitExceeded(f"{path} is larger than the {LARGEST_FILE_BYTES:,} bytes allowed")
        content = path.read_bytes()
    except OSError as exc:
        raise InvalidInput(f"{path} cannot be read: {exc.strerror}") from exc
    return read_rule_file(content), hashlib.sha256(content).hexdigest()


async def checked_rules(session: Session, source: Source, *, proofs: Proofs) -> CheckedRules:
    """Check, prove, and look the queues up.

    Raises:
        ChecksFailed: an error, an unknown queue, an unreachable, shadowed or conflicting rule.
    """
    file, digest = await anyio.to_thread.run_sync(read_source, source)
    ruleset = _checked(file)
    doubts = await anyio.to_thread.run_sync(_proved, session, ruleset, proofs)
    queues = await _found_queues(session, ruleset)
    known = {name: queue for name, queue in queues.items() if queue is not None}
    if len(known) < len(queues):
        _checked(file, queues=list(known))
    divisions = [(queue.get("division") or {}).get("id") for queue in known.values()]
    return CheckedRules(
        ruleset,
        digest,
        {name: str(queue["id"]) for name, queue in known.items()},
        doubts,
        next((one for one in divisions if one), None),
    )


def _checked(file: RuleFile, *, queues: list[str] | None = None) -> Ruleset:
    try:
        return usable(check_rule_file(file, queues=queues))
    except InvalidInput as error:
        raise ChecksFailed(error.message, hint=error.hint, details=error.details) from error


def _proved(session: Session, ruleset: Ruleset, proofs: Proofs) -> tuple[str, ...]:
    if proofs == "skip":
        return ()
    clock = session.clock
    start = clock.monotonic()
    found = verify_ruleset(ruleset, expired=lambda: clock.monotonic() - start > VERIFY_SECONDS)
    wrong = [finding for finding in found.findings if finding.kind in WRONG]
    if wrong and proofs == "demand":
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        details: list[Detail] = [finding.to_json() for finding in wrong]
        raise ChecksFailed(
            f"{wrong[0].kind}: {wrong[0].message}{more}",
            hint="`tieline rules verify` shows a record for each; `--force` deploys them all the "
            "same",
            details=details,
        )
    told = [f"{finding.kind}: {finding.message}" for finding in found.findings]
    return (*told, *(f"undecided: {reason}" for reason in found.reasons))


async def _found_queues(session: Session, ruleset: Ruleset) -> dict[str, JsonObject | None]:
    """Each queue by the name or id that the rules give it; None: there is no such queue."""
    found: dict[str, JsonObject | None] = {}
    for given, by_id in _queues(ruleset):
        if given not in found:
            found[given] = await (_by_id if by_id else _by_name)(session, given)
    return found


def _queues(ruleset: Ruleset) -> Iterator[tuple[str, bool]]:
    targets = [rule.then for rule in ruleset.rules]
    if ruleset.default is not None:
        targets.append(ruleset.default)
    for queue in (ruleset.queue, *(then.get("queue") for then in targets)):
        yield from _given(queue)


def _given(queue: Json) -> Iterator[tuple[str, bool]]:
    if isinstance(queue, Mapping):
        fields: Mapping[str, Any] = queue
        if isinstance(fields.get("id"), str):
            yield fields["id"], True
        elif isinstance(fields.get("name"), str):
            yield fields["name"], False
    elif isinstance(queue, str):
        yield queue, False


async def _by_name(session: Session, name: str) -> JsonObject | None:
    """The queue of exactly this name; the far side ignores case and reads `*`."""
    async for queue in listed(session, queues_named(name)):
        if queue.get("name") == name:
            return queue
    return None


async def _by_id(session: Session, queue_id: str) -> JsonObject | None:
    if not is_uuid(queue_id):
        return None
    try:
        answer = await session.calls.call(get_queue(queue_id), timeout=session.timeout)
    except NotFound:
        return None
    return {"id": queue_id, **(answer.body if isinstance(answer.body, dict) else {})}
