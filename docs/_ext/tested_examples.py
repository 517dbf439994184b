"""Leaves the mark of a tested example out of the page: it is for the tests, not for readers."""

from typing import Any

MARK = "```python\n# tested\n"


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("source-read", _without_mark)
    return {"parallel_read_safe": True}


def _without_mark(_app: Any, _name: str, source: list[str]) -> None:
    source[0] = source[0].replace(MARK, "```python\n")
