"""Writing the page: numbers become shapes here, the template only places them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from tieline.rules.simulation.report import Simulation

# Rules told apart by colour in the chart over time; all others are one.
MOST_COLOURS = 6
MOST_MOVES = 50
WIDTH, HEIGHT = 960, 220


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a stacked column: percent of the chart's width and height, from the top."""

    x: float
    y: float
    width: float
    height: float
    colour: int
    title: str


def simulation_page(simulation: Simulation, *, history: str, now: datetime) -> str:
    """The page; `history` and `now` tell what was counted and when."""
    environment = Environment(
        loader=PackageLoader("tieline.services.simulating.report", "."),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.filters["percent"] = lambda value: f"{value:.2%}"
    found = simulation.to_json()
    shown = _coloured(found)
    return environment.get_template("page.html").render(
        found=found,
        ruleset=simulation.question.ruleset,
        against=simulation.question.against,
        history=history,
        now=now.strftime("%Y-%m-%d %H:%M %Z"),
        rules=_rules(found, shown),
        colours=shown,
        bars=_bars(found["series"], shown),
        moved=found["moved"][:MOST_MOVES],
        more_moves=max(0, len(found["moved"]) - MOST_MOVES),
        elsewhere=sum(move["count"] for move in found["moved"] if move["elsewhere"]),
        width=WIDTH,
        height=HEIGHT,
    )


def _coloured(found: dict[str, Any]) -> dict[str, int]:
    """The rules that take most, each with the number of its colour from 1."""
    most = sorted(found["rules"], key=lambda rule: -rule["won"])[:MOST_COLOURS]
    return {rule["name"]: number for number, rule in enumerate(most, 1) if rule["won"]}


def _rules(found: dict[str, Any], colours: dict[str, int]) -> list[dict[str, Any]]:
    """Each rule with its bar: what it takes, what it loses, in percent of the widest."""
    widest = max((rule["matched"] for rule in found["rules"]), default=0) or 1
    return [
        {
            **rule,
            "colour": colours.get(rule["name"], 0),
            "won_width": 100 * rule["won"] / widest,
            "lost_width": 100 * (rule["matched"] - rule["won"]) / widest,
            "lost": sorted(rule["lost_to"].items(), key=lambda lost: -lost[1])[:3],
        }
        for rule in found["rules"]
    ]


def _bars(series: dict[str, Any] | None, colours: dict[str, int]) -> list[Bar]:
    """Columns over time: coloured rules, then the others, then what no rule takes."""
    if series is None or not series["points"]:
        return []
    points = series["points"]
    highest = max(point["records"] for point in points)
    step = WIDTH / len(points)
    bars = []
    for number, point in enumerate(points):
        by_colour = dict.fromkeys([*range(1, len(colours) + 1), 0], 0)
        for name, taken in point["won"].items():
            by_colour[colours.get(name, 0)] += taken
        parts = [*by_colour.items(), (-1, point["records"] - point["matched"])]
        y = float(HEIGHT)
        title = f"{point['at']}: {point['matched']:,} of {point['records']:,} matched"
        for colour, count in parts:
            if count:
                tall = HEIGHT * count / highest
                y -= tall
                bars.append(Bar(number * step, y, step * 0.86, tall, colour, title))
    return bars
