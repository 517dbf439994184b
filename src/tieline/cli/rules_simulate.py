"""`tieline rules simulate`: what the rules would have done to last month's conversations."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tieline.cli.context import DEFAULT, Options
from tieline.cli.exits import Exit
from tieline.cli.output import counted
from tieline.cli.rules_file import RuleFilePath

if TYPE_CHECKING:
    from tieline.rules.simulation.question import Question
    from tieline.rules.simulation.report import Simulation

# Moves that a terminal shows; the document has all.
MOST_MOVES = 20


def simulate(
    file: RuleFilePath,
    /,
    *,
    history: Path,
    against: Path | None = None,
    dask: str | None = None,
    report: Path | None = None,
    time_field: str | None = None,
    options: Options = DEFAULT,
) -> int:
    r"""Count what the rules would have done to a history, and what would have gone elsewhere.

    ```console
    tieline rules simulate technical-support.yaml --history october.parquet
    tieline rules simulate new.yaml --against old.yaml --history october.csv \
        --report october.html
    ```

    Args:
        file: The rule file, YAML or JSON; - for stdin.
        history: Parquet, CSV or JSON lines, or a folder of them.
        against: The rule file in force: what moves between the two is shown.
        dask: Count on the cluster of this scheduler, tcp://HOST:PORT, instead of here.
        report: Write an HTML page with charts there.
        time_field: The date-time to count by; else the first date-time among the fields.
    """
    from tieline.cli.rules_file import usable_rules
    from tieline.errors import Unsupported

    try:
        from tieline.rules.simulation.question import Question
        from tieline.services.simulating.simulation import absent_fields
        from tieline.services.simulating.simulation import simulate as simulate_rules
    except ImportError as exc:
        raise Unsupported(
            f"simulating needs {exc.name}", hint="pip install 'tieline[simulate]'"
        ) from exc
    older = None if against is None else usable_rules(against)
    question = Question(usable_rules(file), older, time_field)
    absent = absent_fields(question, history)
    if absent:
        names = ", ".join(f"`{name}`" for name in absent)
        options.output.note(f"note: {history} has no column {names}: missing in every record")
    if dask is None:
        simulation = simulate_rules(question, history)
    else:
        simulation = _on_cluster(question, history, dask, options)
    if report is not None:
        _write_page(simulation, history, report)
    options.output.result(simulation.to_json(), text=_told(simulation))
    return Exit.OK


def _on_cluster(
    question: "Question", history: Path, scheduler: str, options: Options
) -> "Simulation":
    from tieline.errors import Unsupported

    try:
        from tieline.services.simulating.cluster import simulate_on_cluster
    except ImportError as exc:
        raise Unsupported(f"--dask needs {exc.name}", hint="pip install 'tieline[dask]'") from exc
    output = options.output

    def progress(done: int, parts: int) -> None:
        output.progress(f"{done:,} of {parts:,} parts counted")

    try:
        return simulate_on_cluster(question, history, scheduler=scheduler, progress=progress)
    finally:
        output.progress_done()


def _write_page(simulation: "Simulation", history: Path, report: Path) -> None:
    from datetime import UTC, datetime

    from tieline.errors import InvalidInput
    from tieline.services.simulating.report.page import simulation_page

    page = simulation_page(simulation, history=history.name, now=datetime.now(UTC))
    try:
        report.write_text(page, encoding="utf-8")
    except OSError as exc:
        raise InvalidInput(f"{report} cannot be written: {exc.strerror}") from exc


def _told(simulation: "Simulation") -> str:
    found = simulation.to_json()
    low, high = found["interval95"]
    lines = [
        (
            f"{counted(found['records'], 'record')}, {found['invalid']:,} of them invalid,"
            f" in {simulation.elapsed_ms / 1000:.2f} s"
        ),
        (
            f"{found['matched']:,} matched: {found['match_rate']:.2%},"
            f" with 95 % certainty {low:.2%} to {high:.2%}; {found['unmatched']:,} by no rule"
        ),
        "",
    ]
    rows = [("rule", "takes", "matches", "loses most to")]
    rows += [
        (rule["name"], f"{rule['won']:,}", f"{rule['matched']:,}", _worst(rule["lost_to"]))
        for rule in found["rules"]
    ]
    lines += _columns(rows)
    if simulation.question.against is not None:
        lines += ["", *_moves(found["moved"])]
    lines += [f"row {bad['row']}: {bad['problem']}" for bad in found["invalid_rows"]]
    return "\n".join(lines)


def _worst(lost: dict[str, int]) -> str:
    if not lost:
        return ""
    name = max(lost, key=lambda winner: lost[winner])
    return f"{name} ({lost[name]:,})"


def _moves(moved: list[dict[str, Any]]) -> list[str]:
    if not moved:
        return ["nothing moves"]
    rows = [("from", "to", "records", "")]
    rows += [
        (
            move["from"] or "no rule",
            move["to"] or "no rule",
            f"{move['count']:,}",
            "goes elsewhere" if move["elsewhere"] else "same destination",
        )
        for move in moved[:MOST_MOVES]
    ]
    more = len(moved) - MOST_MOVES
    return [*_columns(rows), *([f"and {more:,} more kinds of move"] if more > 0 else [])]


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
