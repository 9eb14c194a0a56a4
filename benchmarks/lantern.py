"""How fast Lantern is, where the time goes, how it grows, and how near the physical floor.

    python benchmarks/lantern.py [--json]

The floor is drawing the random numbers that a day needs, and nothing else.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import resource
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from dataclasses import replace  # noqa: E402

from skillmap.lantern import Lantern, parameters  # noqa: E402
from skillmap.worlds import stream  # noqa: E402

ROOMS = (
    "draw_questions",
    "recall_table",
    "route",
    "load_of",
    "waits",
    "leave_chance",
    "dice",
    "react",
    "inference_dollars",
    "desk_day",
    "review_day",
    "notes_day",
    "rebook_day",
    "bookings_day",
    "_format",
)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def floor(counts: list[int]) -> float:
    """Seconds to draw what a default run draws: 4 normals and 10 uniforms a question."""
    import numpy as np

    start = time.perf_counter()
    for day, n in enumerate(counts):
        rng = stream(1, "floor", day)
        rng.standard_normal((4, n), dtype=np.float32)
        rng.random((10, n), dtype=np.float32)
        rng.integers(0, 4096, n, dtype=np.uint16)
        rng.integers(0, 1_900_000, n, dtype=np.uint32)
    return time.perf_counter() - start


def timed(times: float = 1.0) -> tuple[float, Lantern]:
    world = parameters(10)
    world = replace(world, scale=replace(world.scale, questions=world.scale.questions * times))
    lantern = Lantern(world)
    start = time.perf_counter()
    lantern.run(120)
    return time.perf_counter() - start, lantern


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    start = time.perf_counter()
    Lantern(10).run(1)
    cold = time.perf_counter() - start
    runs = [timed() for _ in range(3)]
    seconds = min(took for took, _ in runs)
    counts = [len(record.ask) for record in runs[0][1]._days]
    lantern = runs[0][1]
    del runs
    start = time.perf_counter()
    frame = lantern.logs.questions
    framed = time.perf_counter() - start
    start = time.perf_counter()
    _ = (lantern.logs.days, lantern.logs.segments, lantern.logs.ledger)
    small = time.perf_counter() - start
    peak = peak_mb()
    base = Lantern(10).run(40)
    days = []
    for at in range(20):
        twin = base.fork().set_threshold(0.5 + at / 100)
        start = time.perf_counter()
        twin.run(1)
        days.append(time.perf_counter() - start)
    one = sorted(days)[10]
    drawn = min(floor(counts) for _ in range(3))
    print(
        f"{sum(counts):,} Ask questions in 120 days: {seconds:.2f} s "
        f"(first day, cold: {cold:.2f} s)"
    )
    print(f"peak {peak:.0f} MB with the frame of {len(frame):,} questions ({framed:.2f} s to make)")
    print(f"daily frames {small:.2f} s; one day {1000 * one:.1f} ms")
    print(f"physical floor (random numbers only) {drawn:.2f} s: {seconds / drawn:.1f} times that")
    profile = cProfile.Profile()
    profile.enable()
    Lantern(10).run(120)
    profile.disable()
    rows = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    print("\ncomponent, ms in 120 days")
    for (_, _, function), (_, _, _, cumulative, _) in sorted(rows.items(), key=lambda r: -r[1][3]):
        if function in ROOMS:
            print(f"  {function:20}{1000 * cumulative:8.0f}")
    print("\ntraffic, seconds, microseconds a question")
    for times in (0.25, 0.5, 1.0, 2.0, 4.0):
        took, grown = timed(times)
        n = sum(len(record.ask) for record in grown._days)
        print(f"  {times:4g}x  {took:6.2f}  {1e6 * took / n:6.3f}")
        del grown
    if asked.json:
        print(
            json.dumps(
                {
                    "seconds_120_days": round(seconds, 3),
                    "peak_mb": round(peak, 1),
                    "seconds_one_day": round(one, 4),
                }
            )
        )


if __name__ == "__main__":
    main()
