"""Lantern's acceptance rows over many seeds, ours beside the document's.

python benchmarks/lantern_sweep.py [--seeds 200]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.lantern import sweep
from tests.lantern.conftest import load_solver

from skillmap.lantern import parameters

DOCUMENT = {
    ("disruption", "before"): "3-5%",
    ("disruption", "after"): "14-20%",
    ("recall", "healthy"): ".88-.96",
    ("recall", "gap"): ".14-.24",
    ("recall", "recovered"): ">= .5",
    ("accuracy", "overall"): ".82-.89 (5-95%)",
    ("accuracy", "weak"): ".65-.80",
    ("accuracy", "gap"): "median .10",
    ("accuracy", "vocabulary gap"): "median .15",
    ("accuracy", "stale cluster"): "median .12",
    ("accuracy", "constraint errors"): "median .12",
    ("accuracy", "overconfidence"): "median .07",
    ("accuracy", "null gap"): ".01 (95th .04)",
    ("calibration", "overall"): ".016-.038",
    ("calibration", "weak"): ".12-.17",
    ("thresholds", "saved"): ".01-.16, median .07",
    ("storm", "p50"): "< 2",
    ("storm", "p95"): ">= 3",
    ("storm", "desk p90"): ">= 3",
    ("golden", "launch"): "median .025",
    ("golden", "after 70"): ".04-.10",
    ("judged", "overall"): "within .02",
    ("judged", "weak"): "+.05 to +.15",
    ("judged", "weak pooled"): "prototype +.085",
    ("review", "naive"): ">= 1.7",
    ("review", "weighted"): "1.0",
    ("update", "monitors"): ">= 2",
    ("update", "days to see"): "1",
    ("srm", "buggy p"): "< .001",
    ("hump", "peak"): ".07-.15, median .10",
    ("hump", "8% worse than 16%"): "74%",
    ("market", "parity matters less"): ">= 60%",
    ("ledger", "ask"): "< .02",
    ("ledger", "notes"): "> .5",
}
MEASURES = {
    "disruption": sweep.disruption,
    "recall": sweep.recall,
    "accuracy": sweep.accuracy,
    "calibration": sweep.calibration,
    "thresholds": sweep.thresholds,
    "storm": sweep.storm,
    "golden": sweep.golden,
    "judged": sweep.judged,
    "review": sweep.review,
    "update": sweep.update,
    "srm": sweep.srm,
    "hump": sweep.hump,
    "market": sweep.market,
    "ledger": sweep.ledger,
}
SOLVED = {"accuracy", "calibration", "thresholds", "golden", "judged", "review", "ledger"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=6000)
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.seeds)
    solver = load_solver()
    print(f"{'row':14}{'measure':22}{'n':>5}{'mean':>9}{'5%':>9}{'50%':>9}{'95%':>9}  document")
    for row, measure in MEASURES.items():
        found: dict[str, list[float]] = defaultdict(list)
        start = time.perf_counter()
        for world in seeds:
            got = measure(world, solver) if row in SOLVED else measure(world)
            for name, value in got.items():
                found[name].append(value)
        for name, values in found.items():
            low, mid, high = np.percentile(values, (5, 50, 95))
            said = DOCUMENT.get((row, name), "")
            print(
                f"{row:14}{name:22}{len(values):5}{np.mean(values):9.3f}{low:9.3f}{mid:9.3f}"
                f"{high:9.3f}  {said}"
            )
        print(f"{'':14}({time.perf_counter() - start:.1f} s)", flush=True)
    best: Counter[str] = Counter()
    for world in seeds:
        best[solver.routing(parameters(world)).best.split(" under ")[0].split(" than ")[0]] += 1
    print("\nbest Ask policy (document: mid 42%, large 21%, cascades 20%, small->mid 17%)")
    for name, count in best.most_common():
        print(f"  {count / len(seeds):6.1%}  {name}")


if __name__ == "__main__":
    main()
