"""`tieline rules`: routing rules, checked and proved before anything is deployed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from tieline.cli import rules_deploy as deploying
from tieline.cli.context import DEFAULT, Options
from tieline.cli.exits import Exit
from tieline.cli.input import JsonInput, read_bytes
from tieline.cli.output import counted
from tieline.cli.rules_file import (
    STDIN,
    RuleFilePath,
    file_bytes,
    read_more_cases,
    read_rules,
    replace_file,
    shown,
    usable_rules,
)
from tieline.cli.rules_history import app as history
from tieline.cli.rules_simulate import simulate

if TYPE_CHECKING:
    from tieline.rules.check import Checked, Strictness
    from tieline.rules.rule_file import RuleFile
    from tieline.rules.verify.report import Proven, Verification

app = App(name="rules", help="Check, prove, simulate and deploy routing rules.")
app.command(history)
for _command in (simulate, deploying.plan, deploying.apply, deploying.rollback, deploying.status):
    app.command(_command)

Strict = Annotated[bool, Parameter(negative="", show_default=False)]


@app.command
def check(
    file: RuleFilePath,
    /,
    *,
    strict: Strict = False,
    queue: tuple[str, ...] = (),
    options: Options = DEFAULT,
) -> int:
    """Check the language and the types of a rule file.

    Exit code 7 when there is an error, 2 when it is no rule file at all.

    ```console
    tieline rules check technical-support.yaml
    tieline rules check technical-support.yaml --strict --json
    ```

    Args:
        file: The rule file, YAML or JSON; - for stdin.
        strict: Take every warning for an error.
        queue: Name or id of a queue that exists; with any, all other queues are unknown.
    """
    from tieline.rules.check import check_rule_file

    read = read_rules(file)
    checked = check_rule_file(
        read, strictness="strict" if strict else "normal", queues=queue or None
    )
    document = {
        "ok": checked.ok,
        "rules": checked.rules,
        "findings": [finding.to_json() for finding in checked.findings],
    }
    options.output.result(document, text=_told(file, read, checked))
    return Exit.OK if checked.ok else Exit.PROBLEMS


@app.command
def verify(
    file: RuleFilePath,
    /,
    *,
    strict: Strict = False,
    budget: float = 60.0,
    options: Options = DEFAULT,
) -> int:
    """Prove what the rules do, over every record their fields allow.

    Finds rules that no record reaches, rules that earlier ones cover, conflicts, gaps and redundant
    rules, each with a record that shows it. Exit code 7 when a rule is unreachable, shadowed or in
    conflict.

    ```console
    tieline rules verify technical-support.yaml
    tieline rules verify technical-support.yaml --strict --budget 10 --json
    ```

    Args:
        file: The rule file, YAML or JSON; - for stdin.
        strict: A gap or a redundant rule is wrong too.
        budget: Seconds to search at most; what is left undecided is said.
    """
    from time import monotonic

    from tieline.errors import InvalidInput
    from tieline.rules.verify.verify import verify_ruleset

    if not budget >= 0:
        raise InvalidInput(f"--budget is a number of seconds, not {budget}")
    ruleset = usable_rules(file)
    start = monotonic()
    found = verify_ruleset(ruleset, expired=lambda: monotonic() - start > budget)
    elapsed_ms = (monotonic() - start) * 1000
    strictness: Strictness = "strict" if strict else "normal"
    document = found.to_json(elapsed_ms=elapsed_ms, strictness=strictness)
    options.output.result(document, text=_proofs(found, elapsed_ms))
    return Exit.OK if found.ok(strictness) else Exit.PROBLEMS


@app.command
def evaluate(file: RuleFilePath, /, *, record: JsonInput, options: Options = DEFAULT) -> int:
    r"""Say which rule takes a record, and why the others do not.

    ```console
    tieline rules evaluate technical-support.yaml \
        --record '{"language": "en", "priority": 5}'
    ```

    Args:
        file: The rule file, YAML or JSON; - for stdin.
        record: The record: literal JSON, @file, or - for stdin.
    """
    from tieline.cli.output import to_json_line
    from tieline.rules.record_json import read_record
    from tieline.rules.trace import trace_record

    ruleset = usable_rules(file)
    trace = trace_record(ruleset, read_record(read_bytes(record, what="--record")))
    lines = [f"{'✓' if step.matched else '·'} {step.rule}: {step.because}" for step in trace.steps]
    target = "nowhere" if trace.then is None else to_json_line(trace.then)
    lines.append(f"→ {trace.matched or 'no rule'} ({target})")
    options.output.result(trace.to_json(), text="\n".join(lines))
    return Exit.OK


@app.command(name="test")
def run_tests(
    file: RuleFilePath, /, *, cases: Path | None = None, options: Options = DEFAULT
) -> int:
    """Run the cases of a rule file: records, and the rule each should be taken by.

    Exit code 7 when one comes out differently.

    ```console
    tieline rules test technical-support.yaml
    tieline rules test technical-support.yaml --cases more-cases.yaml
    ```

    Args:
        file: The rule file, YAML or JSON; - for stdin.
        cases: A file whose list of `cases` is run as well.
    """
    from tieline.errors import InvalidInput
    from tieline.rules.cases import run_cases

    ruleset = usable_rules(file)
    more = () if cases is None else read_more_cases(cases)
    results = run_cases(ruleset, (*ruleset.cases, *more))
    if not results:
        raise InvalidInput(
            f"{shown(file)} has no cases to run",
            hint="add `cases:` with a `record` and `expect` each",
        )
    failed = [result for result in results if not result.passed]
    lines = [f"{'✓' if one.passed else '✗'} {one.name}  {one.problem}".rstrip() for one in results]
    lines.append(f"{len(results) - len(failed)} of {len(results)} as expected")
    document = {
        "ok": not failed,
        "cases": len(results),
        "failed": len(failed),
        "results": [result.to_json() for result in results],
    }
    options.output.result(document, text="\n".join(lines))
    return Exit.PROBLEMS if failed else Exit.OK


@app.command
def fmt(file: RuleFilePath, /, *, write: Strict = False, options: Options = DEFAULT) -> int:
    """Spell every condition the same way; comments and order stay.

    ```console
    tieline rules fmt technical-support.yaml
    tieline rules fmt technical-support.yaml --write
    ```

    Args:
        file: The rule file, YAML; - for stdin.
        write: Change the file instead of printing it.
    """
    from tieline.errors import InvalidInput
    from tieline.rules.document import decode
    from tieline.rules.format import format_source

    if write and str(file) == STDIN:
        raise InvalidInput("--write needs a file", hint="without it the result goes to stdout")
    before = decode(file_bytes(file))
    after = format_source(before)
    if write and after != before:
        replace_file(file, after)
    document = {"changed": after != before, "source": after}
    if write:
        options.output.result(
            document, text=f"{file}: {'changed' if after != before else 'unchanged'}"
        )
    else:
        options.output.verbatim(document, after.rstrip("\n"))
    return Exit.OK


@app.command
def convert(file: RuleFilePath, /, *, to: str = "tree", options: Options = DEFAULT) -> int:
    """Print the file as JSON with its conditions in one form, literals cast.

    ```console
    tieline rules convert technical-support.yaml --to tree
    tieline rules convert technical-support.yaml --to text
    ```

    Args:
        file: The rule file, YAML or JSON; - for stdin.
        to: `tree`, the guides' JSON, or `text`.
    """
    from tieline.cli.output import to_json
    from tieline.errors import InvalidInput
    from tieline.rules.format import ruleset_to_json

    if to not in ("text", "tree"):
        raise InvalidInput(f"--to is text or tree, not {to!r}")
    document = ruleset_to_json(usable_rules(file), form="text" if to == "text" else "tree")
    options.output.result(document, text=to_json(document))
    return Exit.OK


@app.command
def schema(*, options: Options = DEFAULT) -> int:
    """Print the JSON Schema of rule files, for editors.

    ```console
    tieline rules schema > rule-file.schema.json
    ```
    """
    import json
    from importlib.resources import files

    text = files("tieline.rules").joinpath("rule_file.schema.json").read_text(encoding="utf-8")
    options.output.result(json.loads(text), text=text.rstrip("\n"))
    return Exit.OK


def _told(file: Path, read: "RuleFile", checked: "Checked") -> str:
    lines: list[str] = []
    name = shown(file)
    for finding in checked.findings:
        place = ":".join(str(part) for part in (name, finding.at.line, finding.at.column) if part)
        lines.append(f"{place}: {finding.severity}: {finding.message} [{finding.code}]")
        lines += [f"    {line}" for line in read.show(finding).split("\n") if line]
        if finding.hint:
            lines.append(f"    hint: {finding.hint}")
    lines += [f"{name}:{cast.at.line or ''}: read as: {cast}" for cast in checked.casts]
    errors = sum(1 for finding in checked.findings if finding.severity == "error")
    warnings = len(checked.findings) - errors
    sums = {"rule": checked.rules, "error": errors, "warning": warnings}
    lines.append(", ".join(counted(number, noun) for noun, number in sums.items()))
    return "\n".join(lines)


def _proofs(found: "Verification", elapsed_ms: float) -> str:
    lines = [_proof(finding) for finding in found.findings]
    lines += [f"undecided: {reason}" for reason in found.reasons]
    count = len(found.findings)
    scope = "every record the fields allow" if found.complete else "what could be decided"
    rules, findings = counted(found.rules, "rule"), counted(count, "finding")
    lines.append(f"{rules}, {findings} over {scope}, {elapsed_ms:.0f} ms")
    return "\n".join(lines)


def _proof(finding: "Proven") -> str:
    from tieline.cli.output import to_json_line

    told = f"{finding.kind}: {finding.message}"
    shown = finding.to_json()["witness"]
    return told if shown is None else f"{told}\n    for example {to_json_line(shown)}"
