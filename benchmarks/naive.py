"""What strategies that know nothing earn, module by module; writes docs/naive-strategies.md.

    python benchmarks/naive.py [MODULE …] [--worlds 50] [--stdout]

The share is of a module's automatic points, averaged over worlds. Written answers wait for a
person and are left out. Each strategy fills in every part of every item; `tests/naive.py` says how.
With modules named, only those are played and the others keep what the page says of them. A world
takes about two seconds, nearly all of them for the references of the solver.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.modules.modules import MODULES, graded_items, is_written, key_of  # noqa: E402
from tests.modules.play import Played, play  # noqa: E402
from tests.naive import STRATEGIES  # noqa: E402

from skillmap.ids import ModuleId  # noqa: E402

PAGE = ROOT / "docs" / "naive-strategies.md"
HEAD = """# What naive strategies earn

Each row is a way to hand in a full sheet without knowing anything. Figures are shares of a
module's automatic points, averaged over worlds; written answers wait for a person and are left
out. Under each share stands the item that gave the strategy most. A strategy that reaches a half
fails `tests/modules/test_naive.py`. This page is written by `python benchmarks/naive.py`.
"""
FREE = """
Some items are scored for being filled in, such as a first round of ranges or a decision log, and a
bluff earns them. They count in the shares and are not named above: {names}.
"""


def main() -> None:
    """Play, and write or print the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(MODULES))
    parser.add_argument("--worlds", type=int, default=50)
    parser.add_argument("--stdout", action="store_true")
    chosen = parser.parse_args()
    if unknown := set(chosen.modules) - set(MODULES):
        parser.error(f"no module to play: {', '.join(sorted(unknown))}")
    cells, notes = _kept() if chosen.modules else ({}, {})
    for module in chosen.modules or MODULES:
        start = time.perf_counter()
        found = play(module, chosen.worlds)
        title = ModuleId(module).title
        cells[title] = {played.strategy: _cell(module, played) for played in found}
        notes[title] = _note(module, found, chosen.worlds)
        print(f"{module}: {time.perf_counter() - start:.1f} s", file=sys.stderr)
    text = _page(cells, notes)
    if chosen.stdout:
        print(text)
    else:
        PAGE.write_text(text, encoding="utf-8")


def _page(cells: dict[str, dict[str, str]], notes: dict[str, str]) -> str:
    titles = [t for t in (ModuleId(module).title for module in MODULES) if t in cells]
    lines = [HEAD, f"| Strategy | {' | '.join(titles)} |", "|---|" + "---|" * len(titles)]
    for strategy in STRATEGIES:
        row = [cells[title].get(strategy.name, "") for title in titles]
        lines.append(f"| {strategy.name} | {' | '.join(row)} |")
    lines += ["", *(notes[title] for title in titles if title in notes)]
    free = [name for module in MODULES if ModuleId(module).title in cells for name in _free(module)]
    if free:
        lines.append(FREE.format(names=", ".join(f"`{name}`" for name in free)).rstrip())
    return "\n".join(lines).rstrip() + "\n"


def _kept() -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Read the table and the notes of the page as it stands."""
    lines = PAGE.read_text(encoding="utf-8").splitlines() if PAGE.is_file() else []
    rows = [[c.strip() for c in line.strip("|").split("|")] for line in lines if line[:1] == "|"]
    titles = rows[0][1:] if rows else []
    cells = {t: {row[0]: row[n] for row in rows[2:]} for n, t in enumerate(titles, start=1)}
    notes = {line[4:].split("**")[0]: line for line in lines if line.startswith("- **")}
    return cells, notes


def _free(module: str) -> list[str]:
    """Items that are scored for being filled in."""
    return [
        name
        for name, key in key_of(module).items.items()
        if getattr(key, "mode", "") == "complete" or key.grader in {"log", "presence"}
    ]


def _cell(module: str, played: Played) -> str:
    free = _free(module)
    shares = {name: share for name, share in played.items.items() if name not in free}
    name, share = max(shares.items(), key=lambda pair: pair[1])
    return f"{100 * played.share:.0f}%<br>`{name}` {100 * share:.0f}%"


def _note(module: str, found: tuple[Played, ...], worlds: int) -> str:
    best = max(found, key=lambda played: played.share)
    points = sum(i.points for i in graded_items(module) if not is_written(module, i.id))
    return (
        f"- **{ModuleId(module).title}**, {points:g} automatic points, {worlds} worlds: most goes "
        f"to “{best.strategy}”, {100 * best.share:.1f} percent."
    )


if __name__ == "__main__":
    main()
