"""How fast the engine runs a small notebook, beside an ordinary kernel, and where the time goes.

The same notebook runs N times through nbclient, through the engine without isolation and through
the engine in its sandbox, in turns, so that the ratios come from one run on one machine.

    python benchmarks/engine.py --copies 20
    python benchmarks/engine.py --json
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import nbformat
from nbclient import NotebookClient

from skillmap.cohort.engine import Limits, SandboxEngine

if TYPE_CHECKING:
    from collections.abc import Callable

CELLS = [
    "import pandas as pd\nimport numpy as np",
    "rng = np.random.default_rng(7)\n"
    "calls = pd.DataFrame({'day': np.repeat(np.arange(30), 20), 'cost': rng.gamma(2, .01, 600)})",
    "calls.head()",
    "daily = calls.groupby('day')['cost'].agg(['sum', 'mean', 'count'])",
    "daily.describe()",
    "low, high = np.percentile(rng.choice(daily['sum'], (500, 30)).mean(axis=1), [10, 90])",
    "print(f'80% interval: {low:.3f} to {high:.3f} dollars a day')",
    "import json\njson.dump({'answers': {'low': low, 'high': high}}, open('answers.json', 'w'))",
]
FIGURE = "import matplotlib.pyplot as plt\ndaily['sum'].plot(figsize=(5, 3));"
FAILURE = "daily['total']"


def by_nbclient(cells: list[str]) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(
            notebook, timeout=60, allow_errors=True, resources={"metadata": {"path": folder}}
        ).execute()


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def measure(cells: list[str], copies: int, rounds_of_nbclient: int) -> dict[str, float]:
    times: dict[str, list[float]] = {"nbclient": [], "open": [], "sandbox": []}
    parts: dict[str, list[float]] = {"fork and isolate": [], "cells": [], "CPU": []}
    limits = Limits()
    with SandboxEngine(sandboxed=False) as plain, SandboxEngine() as sandbox:
        plain.start()
        sandbox.start()
        for engine in (plain, sandbox):
            engine.execute(cells, limits=limits)
        for k in range(copies):
            if k < rounds_of_nbclient:
                times["nbclient"].append(timed(lambda: by_nbclient(cells)))
            times["open"].append(timed(lambda: plain.execute(cells, limits=limits)))
            begun = time.perf_counter()
            result = sandbox.execute(cells, {}, ["answers.json"], limits)
            times["sandbox"].append(time.perf_counter() - begun)
            assert result.ended == "done", result.problems
            parts["fork and isolate"].append(result.setup_seconds)
            parts["cells"].append(sum(cell.seconds for cell in result.cells))
            parts["CPU"].append(result.cpu_seconds)
    middle = {name: statistics.median(values) for name, values in times.items()}
    out = {f"ms_{name}": 1000 * value for name, value in middle.items()}
    out |= {f"ms_{name}": 1000 * statistics.median(v) for name, v in parts.items()}
    out["ms_rest"] = out["ms_sandbox"] - out["ms_fork and isolate"] - out["ms_cells"]
    out["ratio_open"] = middle["nbclient"] / middle["open"]
    out["ratio_sandboxed"] = middle["nbclient"] / middle["sandbox"]
    return {name: round(value, 2) for name, value in out.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    cases = {
        "pandas": CELLS,
        "pandas and a figure": [*CELLS, FIGURE],
        "pandas and a failing cell": [*CELLS, FAILURE],
    }
    found = {}
    for name, cells in cases.items():
        found[name] = one = measure(cells, given.copies, max(3, given.copies // 4))
        lines = [f"{name}, {len(cells)} cells, {given.copies} copies, medians"]
        lines += [f"  {key.replace('_', ' ', 1):24} {value:9.2f}" for key, value in one.items()]
        print("\n".join(lines), file=sys.stderr if given.json else sys.stdout, flush=True)
    if given.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
