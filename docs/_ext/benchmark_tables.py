"""Tables of measured numbers, made from `benchmarks/results/*.json` at build time.

    ```{benchmark} calls
    ```

shows `benchmarks/results/calls.json`: `{"title": "…", "columns": […], "rows": [[…], …]}`. A page
can name a benchmark before its result was ever written: it says so then.
"""

import json
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

_RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"


class Benchmark(Directive):
    """The `benchmark` directive; its argument is the result's file name without `.json`."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        """Render the table, or say how to make it."""
        topic = self.arguments[0]
        path = _RESULTS / f"{topic}.json"
        if not path.is_file():
            note = f"Not measured yet: python benchmarks/{topic}.py"
            return [nodes.paragraph(text=note)]
        result = json.loads(path.read_text(encoding="utf-8"))
        return [_table(result.get("title", topic), result["columns"], result["rows"])]


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_directive("benchmark", Benchmark)
    return {"parallel_read_safe": True}


def _table(title: str, columns: list[str], rows: list[list[Any]]) -> nodes.table:
    group = nodes.tgroup(cols=len(columns))
    group += [nodes.colspec(colwidth=1) for _ in columns]
    head, body = nodes.thead(), nodes.tbody()
    head += _row(columns)
    body += [_row(row) for row in rows]
    group += [head, body]
    table = nodes.table()
    table += [nodes.title(text=title), group]
    return table


def _row(cells: list[Any]) -> nodes.row:
    row = nodes.row()
    for cell in cells:
        entry = nodes.entry()
        entry += nodes.paragraph(text=f"{cell:,g}" if isinstance(cell, float) else str(cell))
        row += entry
    return row
