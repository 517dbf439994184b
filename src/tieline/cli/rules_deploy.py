"""`tieline rules plan|apply|rollback|status`: rules on their way to an organisation."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from tieline.cli.context import DEFAULT, Options
from tieline.cli.exits import Exit
from tieline.cli.output import counted

if TYPE_CHECKING:
    from tieline.errors import Error
    from tieline.services.rule_deploying.target import Deployed, RulesStatus
    from tieline.services.rules import AsyncPlannedRules
    from tieline.types import JsonObject

Wish = Literal["auto", "table", "queue"]
Force = Annotated[bool, Parameter(negative="", show_default=False)]
ReplaceTable = Annotated[bool, Parameter(negative="", show_default=False)]
_MARKS = {"add": "+", "change": "~", "remove": "-", "move": "↕"}


async def plan(
    file: Path,
    /,
    *,
    target: Wish = "auto",
    force: Force = False,
    replace_table: ReplaceTable = False,
    options: Options = DEFAULT,
) -> int:
    """Say what `apply` would change; nothing is changed.

    The rules are checked and proved first: exit code 7 when that finds something wrong. A later
    `apply` is refused with exit code 4 if what stands has changed since.

    ```console
    tieline rules plan technical-support.yaml
    tieline rules plan technical-support.yaml --json
    ```

    Args:
        file: The rule file, YAML or JSON.
        target: On the platform: table, queue (conditional group routing), or auto.
        force: Take unreachable, shadowed and conflicting rules for warnings.
        replace_table: Where the rules need other columns than the published decision table has,
            make a table beside it. Flows go on using the old one until you point them at the new.
    """
    from tieline.client import AsyncClient
    from tieline.services.rule_deploying.source import ChecksFailed

    async with AsyncClient.from_profile(options.profile, state_dir=options.state_dir) as client:
        try:
            planned = await client.rules.plan(
                file, target=target, force=force, replace_table=replace_table
            )
        except ChecksFailed as refused:
            return _refused(refused, options)
        planned.remember()
    options.output.result(planned.to_json(), text=_planned(planned))
    return Exit.OK


async def apply(
    file: Path,
    /,
    *,
    target: Wish = "auto",
    plan_id: str | None = None,
    history: Path | None = None,
    force: Force = False,
    replace_table: ReplaceTable = False,
    options: Options = DEFAULT,
) -> int:
    """Deploy the rules; doing it again changes nothing and says so.

    Every step is written down before and after it is taken. What fails half-way is put back, and
    after a crash the same command goes on. Exit code 4 when what stands is not what the plan was
    made from.

    ```console
    tieline rules apply technical-support.yaml
    tieline rules apply technical-support.yaml --plan-id 3f9a…
    ```

    Args:
        file: The rule file, YAML or JSON.
        target: On the platform: table, queue (conditional group routing), or auto.
        history: Measure each rule's match rate on this file, for the webhooks that are told.
        plan_id: The `plan_id` that `rules plan --json` showed; another plan is refused.
        force: Take unreachable, shadowed and conflicting rules for warnings.
        replace_table: Where the rules need other columns than the published decision table has,
            make a table beside it. Flows go on using the old one until you point them at the new.
    """
    from tieline.client import AsyncClient
    from tieline.services.rule_deploying.source import ChecksFailed

    async with AsyncClient.from_profile(options.profile, state_dir=options.state_dir) as client:
        try:
            planned = await client.rules.plan(
                file, target=target, force=force, replace_table=replace_table
            )
            planned.check_shown(plan_id)
            done = await planned.apply(history=history)
        except ChecksFailed as refused:
            return _refused(refused, options)
    options.output.result(done.to_json(), text=_done(done))
    return Exit.OK


async def rollback(file: Path, /, *, target: Wish = "auto", options: Options = DEFAULT) -> int:
    """Put back what stood before the last deployment of these rules.

    A deployment that was cut off is taken back too. Exit code 4 when somebody changed since what
    was deployed; nothing is changed then.

    ```console
    tieline rules rollback technical-support.yaml
    ```

    Args:
        file: The rule file; only its name and target are used.
        target: On the platform: table, queue (conditional group routing), or auto.
    """
    from tieline.client import AsyncClient
    from tieline.services.rule_deploying.source import ChecksFailed

    async with AsyncClient.from_profile(options.profile, state_dir=options.state_dir) as client:
        try:
            done = await client.rules.rollback(file, target=target)
        except ChecksFailed as refused:
            return _refused(refused, options)
    options.output.result(done.to_json(), text=_done(done))
    return Exit.OK


async def status(file: Path, /, *, target: Wish = "auto", options: Options = DEFAULT) -> int:
    """Say what stands, from which file, and how the last deployments went, step by step.

    ```console
    tieline rules status technical-support.yaml
    ```

    Args:
        file: The rule file, YAML or JSON.
        target: On the platform: table, queue (conditional group routing), or auto.
    """
    from tieline.client import AsyncClient
    from tieline.services.rule_deploying.source import ChecksFailed

    async with AsyncClient.from_profile(options.profile, state_dir=options.state_dir) as client:
        try:
            found = await client.rules.status(file, target=target)
        except ChecksFailed as refused:
            return _refused(refused, options)
    options.output.result(found.to_json(), text=_status(found))
    return Exit.OK


def _refused(error: "Error", options: Options) -> int:
    from tieline.cli.output import print_error

    print_error(error, mode=options.output.mode)
    return Exit.PROBLEMS


def _planned(planned: "AsyncPlannedRules") -> str:
    found = planned.plan
    count = counted(len(found.changes), "change")
    lines = [f"{found.target}: {count}, {found.unchanged} as they should be"]
    rows = Counter((each.kind, each.name, each.fields) for each in found.changes)
    for (kind, name, fields), times in rows.items():
        told = f" ({', '.join(fields)})" if fields else ""
        often = f" ({times} rows)" if times > 1 else ""
        lines.append(f"  {_MARKS[kind]} {name}{told}{often}")
    document = planned.to_json()
    if document["resumes"]:
        lines.append("  an earlier deployment was cut off; applying goes on from there")
    lines += [f"  note: {note}" for note in document["notes"]]
    return "\n".join([*lines, f"plan {found.id[:12]}"])


def _done(done: "Deployed") -> str:
    match done.change:
        case "none":
            return f"{done.ruleset}: nothing to change"
        case "rolled_back":
            told = f"{done.ruleset}: what stood before {done.deployment} stands again"
            return "\n".join([told, *_left(done.target, done.facts)])
        case "applied":
            told = f"{done.ruleset}: {counted(done.changes, 'change')} applied as {done.deployment}"
            lines = [told, *_executes(done.facts, done.facts.get("version"))]
            replaced = done.facts.get("replaces")
            if replaced is not None:
                lines.append(f"  FLOWS GO ON USING {replaced} until you point them at this table")
            return "\n".join(lines)


def _executes(facts: "JsonObject", version: object) -> list[str]:
    """Where the rules are, in as far as that is one place."""
    table = facts.get("table")
    if table is None:
        return []
    return [f"  decision table {facts.get('name')}, version {version}, id {table}"]


def _left(target: str, facts: "JsonObject") -> list[str]:
    """What is where the rules were."""
    if target != "table":
        return []
    if facts.get("version") is not None:
        return [f"  version {facts['version']} executes, id {facts['table']}"]
    before = facts.get("table")
    stays = "" if before is None else f"; the one before it is as it was, id {before}"
    return [f"  the table it made is deleted{stays}"]


def _status(found: "RulesStatus") -> str:
    history = found.history
    lines = [f"{found.ruleset} ({found.target}): {found.state}"]
    shown = history.unfinished or history.standing
    if shown is not None:
        lines.append(f"  {shown.id} of {shown.started}, file {shown.file[:12]}")
        lines += _executes(shown.facts, shown.facts.get("draft"))
        if shown.facts.get("replaces") is not None:
            lines.append(f"  it replaces {shown.facts['replaces']}, which flows may still use")
        done = [step.name for step in shown.steps if step.done]
        lines += [f"  ✓ {', '.join(done)}"] if done else []
        lines += [f"  · {step.name}: begun, not ended" for step in shown.steps if not step.done]
        lines += [f"  {shown.message}"] if shown.message else []
    last = history.deployments[-1] if history.deployments else None
    if last is not None and last.state == "undone":
        lines.append(f"  the last {last.action}, {last.id} of {last.started}, failed:")
        lines.append(f"    {last.message}")
    if found.pending is None:
        same = f"cannot be compared: {found.problem}"
    elif not found.pending:
        same = "is what stands"
    else:
        same = f"differs in {counted(found.pending, 'place')}"
    lines.append(f"  the file ({found.file[:12]}) {same}")
    return "\n".join(lines)
