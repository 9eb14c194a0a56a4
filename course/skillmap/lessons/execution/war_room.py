"""The war room: Lantern's monitors as a wall that steps through the days of an incident.

The wall is inert HTML: radio buttons choose the evening on which you stand, and style sheets hide
the days after it. It needs no script and no kernel, reads by keyboard, and has its numbers in a
table below and in words for a terminal. The first watch shows what was switched on then; the
second, all monitors, opens once a diagnosis is saved.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from skillmap.lessons.execution.case import case
from skillmap.lessons.execution.incident import LATER, MONITORS, NIGHT, ON_BEFORE, frame

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Panel", "Wall", "wall"]

BLUE, RED, BAND = "#1f5f8b", "#b5482a", "#e6edf3"
STEPS = 9
"""Evenings one can stand on."""
_WIDE, _HIGH = 250.0, 92.0
USUAL, NARROWEST = 2.5, 0.05
"""The usual range: standard deviations of the past, and at least this share of the median."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One monitor: values by day, in the title's unit, and its usual range from the past."""

    key: str
    title: str
    values: tuple[float, ...]
    low: float
    high: float

    def outside(self, at: int) -> bool:
        """Whether the value at this position is out of the usual range."""
        return not self.low <= self.values[at] <= self.high

    def days_outside(self, last: int) -> int:
        """How many of the last days are out of the usual range."""
        n = len(self.values)
        return sum(self.outside(at) for at in range(n - last, n))


@dataclass(frozen=True, slots=True, repr=False)
class Wall:
    """All monitors of a watch; ``days`` are the columns."""

    name: str
    days: tuple[int, ...]
    panels: tuple[Panel, ...]

    def __str__(self) -> str:
        last = len(self.days) - 1
        lines = [f"The wall on the evening of day {self.days[-1]}, simulated"]
        for p in self.panels:
            recent = ", ".join(_short(v) for v in p.values[-STEPS:])
            state = "outside" if p.outside(last) else "inside"
            lines.append(
                f"  {p.title}: {recent} (days {self.days[-STEPS]} to {self.days[-1]}; usual "
                f"{_short(p.low)} to {_short(p.high)}; now {state})"
            )
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        first = len(self.days) - STEPS
        steps = range(first, len(self.days))
        tag = f"war-{self.name}-{self.days[-1]}"
        radios = "".join(
            f'<input type="radio" name="{tag}" id="{tag}-{at}"'
            f"{' checked' if at == len(self.days) - 1 else ''}>"
            f'<label for="{tag}-{at}" style="margin-right:10px">day {self.days[at]}</label>'
            for at in steps
        )
        boards = "".join(_board(p, self.days, first) for p in self.panels)
        return (
            f'<div class="{tag}" role="group" aria-label="War room, {escape(self.name)} watch">'
            f"<style>{_style(tag, steps)}</style>"
            "<p><strong>War room.</strong> Choose the evening you stand on. A band is the usual "
            "range of the days before; a diamond is outside it. <em>Simulated.</em></p>"
            f'{radios}<div class="wall" style="display:flex;flex-wrap:wrap;gap:10px">{boards}</div>'
            f"{self._table()}</div>"
        )

    def _table(self) -> str:
        shown = range(len(self.days) - 14, len(self.days))
        head = "".join(f"<th scope='col'>{self.days[at]}</th>" for at in shown)
        rows = "".join(
            f"<tr><th scope='row' style='text-align:left'>{escape(p.title)}</th>"
            + "".join(f"<td>{_short(p.values[at])}{_mark(p, at)}</td>" for at in shown)
            + "</tr>"
            for p in self.panels
        )
        return (
            "<details><summary>The numbers, day by day (◆ outside the usual range)</summary>"
            f"<table><thead><tr><th scope='col'>day</th>{head}</tr></thead>"
            f"<tbody>{rows}</tbody></table></details>"
        )


def _mark(panel: Panel, at: int) -> str:
    return " ◆" if panel.outside(at) else ""


def _style(tag: str, steps: Sequence[int]) -> str:
    """Hide what lies after the chosen evening, and readings of other evenings."""
    rules = [f".{tag} .wall .v{{display:none}}"]
    for at in steps:
        chosen = f".{tag} #{tag}-{at}:checked ~ .wall"
        rules.append(f"{chosen} .v{at}{{display:inline}}")
        later = ",".join(f"{chosen} .k{k}" for k in range(at + 1, steps[-1] + 1))
        if later:
            rules.append(f"{later}{{visibility:hidden}}")
    return "".join(rules)


def _board(p: Panel, days: Sequence[int], first: int) -> str:
    """Draw one monitor as SVG; each piece carries the position of its day."""
    low = min(*p.values, p.low)
    span = (max(*p.values, p.high) - low) or 1.0
    step = (_WIDE - 16) / (len(days) - 1)

    def x(at: int) -> float:
        return 8 + at * step

    def y(value: float) -> float:
        return 8 + (_HIGH - 16) * (1 - (value - low) / span)

    parts = [
        f'<rect x="0" y="{y(p.high):.1f}" width="{_WIDE}" '
        f'height="{max(1.0, y(p.low) - y(p.high)):.1f}" fill="{BAND}"/>'
    ]
    for at, value in enumerate(p.values):
        cls = f' class="k{at}"' if at > first else ""
        if at:
            parts.append(
                f'<line{cls} x1="{x(at - 1):.1f}" y1="{y(p.values[at - 1]):.1f}" '
                f'x2="{x(at):.1f}" y2="{y(value):.1f}" stroke="{BLUE}"/>'
            )
        if p.outside(at):
            parts.append(
                f'<rect{cls} x="{x(at) - 3:.1f}" y="{y(value) - 3:.1f}" width="6" height="6" '
                f'fill="{RED}" transform="rotate(45 {x(at):.1f} {y(value):.1f})"/>'
            )
        else:
            parts.append(
                f'<circle{cls} cx="{x(at):.1f}" cy="{y(value):.1f}" r="2.2" fill="{BLUE}"/>'
            )
    readings = "".join(
        f'<span class="v v{at}">{_short(p.values[at])}{_mark(p, at)} </span>'
        for at in range(first, len(days))
    )
    label = escape(f"{p.title}, days {days[0]} to {days[-1]}; numbers in the table below")
    return (
        f'<figure style="margin:0;width:{_WIDE:.0f}px">'
        f'<figcaption style="font-size:85%">{escape(p.title)}: <strong>{readings}</strong><br>'
        f"usual {_short(p.low)} to {_short(p.high)}</figcaption>"
        f'<svg role="img" aria-label="{label}" width="{_WIDE:.0f}" height="{_HIGH:.0f}" '
        f'viewBox="0 0 {_WIDE:.0f} {_HIGH:.0f}" style="background:#fff;border:1px solid #d5dbe3">'
        f"{''.join(parts)}</svg></figure>"
    )


def _short(value: float) -> str:
    """Write a number as a monitor does.

    >>> [_short(x) for x in (12350.2, 230.4, 0.62, 0.0012)]
    ['12,350', '230', '0.62', '0.0012']
    """
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 1 else f"{value:.2g}"


def wall(world: int, *, later: bool = False) -> Wall:
    """Return the wall of the first evening, or of the one on which the meeting is held.

    >>> "Complaints a day" in str(wall(10)), "Fare cards" in str(wall(10))
    (True, False)
    >>> "Fare cards that do not parse" in str(wall(10, later=True))
    True
    """
    i = case(world).incident
    rows = frame(world)
    end = i.day + (LATER if later else NIGHT)
    seen = rows[rows["day"] <= end]
    past = rows[rows["day"] < i.day - 1]
    shown = list(MONITORS.items())[: None if later else ON_BEFORE]
    panels = []
    for key, (title, times) in shown:
        usual = float(past[key].median())
        wide = max(USUAL * float(past[key].std()), NARROWEST * usual)
        panels.append(
            Panel(
                key,
                title,
                tuple(times * float(v) for v in seen[key]),
                times * max(0.0, usual - wide),
                times * (usual + wide),
            )
        )
    days = tuple(int(day) for day in seen["day"])
    return Wall("second" if later else "first", days, tuple(panels))
