"""`tieline rules plan|apply|rollback|status`: rules on their way to an organisation."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from tieline.cli.context import DEFAULT, Options
from tieline.cli.exits import Exit

if TYPE_CHECKING:
    from tieline.errors import Error
    from tieline.services.rule_target import Deployed, RulesStatus
    from tieline.services.rules import AsyncPlannedRules

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
    from tieline.services.rule_source import ChecksFailed

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
    from tieline.services.rule_source import ChecksFailed

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
    from tieline.services.rule_source import ChecksFailed

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
    from tieline.services.rule_source import ChecksFailed

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
    lines = [f"{found.target}: {len(found.changes)} to change, {found.unchanged} as they should be"]
    for change in found.changes:
        fields = f" ({', '.join(change.fields)})" if change.fields else ""
        lines.append(f"  {_MARKS[change.kind]} {change.name}{fields}")
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
            return f"{done.ruleset}: what stood before {done.deployment} stands again"
        case "applied":
            return f"{done.ruleset}: {done.changes} changes applied as {done.deployment}"


def _status(found: "RulesStatus") -> str:
    history = found.history
    lines = [f"{found.ruleset} ({found.target}): {found.state}"]
    shown = history.unfinished or history.standing
    if shown is not None:
        lines.append(f"  {shown.id} of {shown.started}, file {shown.file[:12]}")
        lines += [f"    {'✓' if step.done else '·'} {step.name}" for step in shown.steps]
        if shown.message:
            lines.append(f"  {shown.message}")
    if found.pending is None:
        same = f"cannot be compared: {found.problem}"
    else:
        same = "is what stands" if not found.pending else f"differs in {found.pending} places"
    lines.append(f"  the file ({found.file[:12]}) {same}")
    return "\n".join(lines)
