"""How much a copied answer sheet earns: each world's right answers, graded in other worlds.

    python benchmarks/foreign_sheets.py --worlds 20 [--json]

A low figure means that comparing numbers does not help. What is automatic counts; written
answers wait for a person and earn nothing here.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.fixtures import estimation as samples  # noqa: E402
from tests.fixtures.shared_sheets import right_sheet  # noqa: E402

from skillmap.grading import grade_sheet, load_key  # noqa: E402
from skillmap.lessons import lesson  # noqa: E402


def main() -> None:
    """Print the mean share by item, and the mean total with its range."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=12)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    key, module = load_key(ROOT / "source" / "estimation"), lesson("estimation")
    worlds = [1000 + 7919 * n for n in range(1, chosen.worlds + 1)]
    sheets = {world: right_sheet("estimation", samples, world) for world in worlds}
    totals: list[float] = []
    shares: dict[str, list[float]] = {}
    for world, sheet in sheets.items():
        for other in worlds:
            if other == world:
                continue
            found = grade_sheet(module, key, sheet, other)
            totals.append(sum(feedback.points for feedback in found))
            for feedback in found:
                shares.setdefault(str(feedback.item), []).append(feedback.percent)
    automatic = sum(item.points for item in module.items if item.kind != "written")
    result = {
        "pairs": len(totals),
        "mean_points": round(statistics.mean(totals), 1),
        "least": round(min(totals), 1),
        "most": round(max(totals), 1),
        "automatic_points": automatic,
        "percent_by_item": {name: round(statistics.mean(v), 1) for name, v in shares.items()},
    }
    if chosen.json:
        print(json.dumps(result))
        return
    print(f"{result['pairs']} pairs of worlds; {automatic:g} points are graded automatically")
    for name, percent in result["percent_by_item"].items():
        print(f"  {name:12} {percent:5.1f}% of the item's points")
    print(f"mean {result['mean_points']}, from {result['least']} to {result['most']} points")


if __name__ == "__main__":
    main()
