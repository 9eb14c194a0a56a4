"""How fast cohorts are graded: plain nbgrader, our preprocessors, and ``skillmap grade``.

The same generated submissions are graded in copies of one course directory. nbgrader's commands
are measured on a sample (``--sample``) without the time the command takes to start, which is
measured on its own: half of the sample before our runs and half after, because a machine's speed
drifts. Each run of ``skillmap grade`` is a process of its own.

    python benchmarks/grading.py --submissions 30
    python benchmarks/grading.py --submissions 300 --json
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from skillmap.cohort.course import Course, scripts_on_path

ROOT = Path(__file__).resolve().parents[1]
MODULE = "estimation"
PLAIN_CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'bench'\n"
RUNS = [
    ("sandboxed_1_worker", "skillmap", 1),
    ("sandboxed_2_workers", "skillmap", 2),
    ("open_1_worker", "open", 1),
    ("open_2_workers", "open", 2),
]


def generate(folder: Path, number: int, module: str = MODULE) -> Course:
    """A course with ``number`` hand-ins: the demo's learners over and over."""
    from skillmap.cohort import demo
    from skillmap.cohort.build import build
    from skillmap.cohort.samples import cast

    course = demo._fresh_course(Course.find(ROOT), [module], folder)
    build(course, module)
    solver = cache(demo._solver(course, module))
    people = cast(min(number, 12))
    for k in range(number):
        person = replace(people[k % len(people)], name=f"s{k:04d}")
        place = course.folder("submitted", module, person.name)
        shutil.copytree(course.folder("release", module), place)
        demo._answer(course, place, module, person, lambda _, world: solver(world))
        (place / "timestamp.txt").write_text("2026-11-20 10:00:00.000000 UTC")
    return course


def used(who: int) -> tuple[float, float]:
    """CPU seconds and peak MB of this process or of its largest child."""
    found = resource.getrusage(who)
    return found.ru_utime + found.ru_stime, found.ru_maxrss / 1024


def command(course: Path, *words: str) -> tuple[float, float]:
    """Wall and CPU seconds of one nbgrader command."""
    scripts_on_path()
    before, begun = used(resource.RUSAGE_CHILDREN)[0], time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=course, capture_output=True, text=True, check=False,
    )  # fmt: skip
    seconds = time.monotonic() - begun
    if done.returncode:
        print(f"nbgrader {' '.join(words)}: {done.stderr[-1500:]}", file=sys.stderr)
    return seconds, used(resource.RUSAGE_CHILDREN)[0] - before


def by_nbgrader(
    base: Path, folder: Path, sample: slice, module: str, *, plain: bool
) -> dict[str, Any]:
    """``nbgrader autograde`` on some of the hand-ins; seconds for each that it could grade."""
    copy_course(base, folder, sample)
    if plain:
        (folder / "nbgrader_config.py").write_text(PLAIN_CONFIG)
    start = command(folder, "autograde", "--version")
    command(folder, "generate_assignment", module, "--force")
    seconds, cpu = command(folder, "autograde", module)
    graded = len(list(folder.glob(f"autograded/*/{module}/{module}.ipynb")))
    count = max(1, graded)
    return {
        "graded": graded,
        "seconds": (seconds - start[0]) / count,
        "cpu": (cpu - start[1]) / count,
        "start_seconds": start[0],
    }


def both(one: dict[str, Any], two: dict[str, Any]) -> dict[str, Any]:
    """Two measurements of one command as one."""
    graded = one["graded"] + two["graded"]
    shares = [(part, part["graded"] / max(1, graded)) for part in (one, two)]
    means = {name: sum(part[name] * share for part, share in shares) for name in ("seconds", "cpu")}
    return {"graded": graded, **means, "start_seconds": one["start_seconds"]}


def copy_course(base: Path, folder: Path, sample: slice = slice(None)) -> None:
    shutil.copytree(base, folder, ignore=shutil.ignore_patterns("submitted"))
    for path in sorted((base / "submitted").iterdir())[sample]:
        shutil.copytree(path, folder / "submitted" / path.name)


def grade_one(folder: Path, module: str, engine: str, workers: int) -> dict[str, Any]:
    """Grade a course in this process and measure."""
    from skillmap.cohort.grade import grade

    course = replace(Course.at(folder), engine=engine)
    cpu, begun = used(resource.RUSAGE_SELF)[0], time.monotonic()
    report = grade(course, [module], workers=workers)
    seconds = time.monotonic() - begun
    own, peak = used(resource.RUSAGE_SELF)
    children, worker_peak = used(resource.RUSAGE_CHILDREN)
    count = len(report.rows)
    inside = [row.seconds for row in report.rows]
    return {
        "graded": count - len(report.failed),
        "workers": workers,
        "seconds": seconds / count,
        "cpu": (own - cpu + children) / count,
        "coordinator_cpu": (own - cpu) / count,
        "worker_seconds": sum(inside) / count,
        "peak_mb_coordinator": peak,
        "peak_mb_worker": worker_peak,
    }


def by_skillmap(base: Path, folder: Path, module: str, engine: str, workers: int) -> dict[str, Any]:
    copy_course(base, folder)
    done = subprocess.run(
        [sys.executable, __file__, "--one", str(folder), module, engine, str(workers)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=30)
    parser.add_argument("--module", default=MODULE, help=f"which module; {MODULE} without this")
    parser.add_argument("--sample", type=int, default=12, help="hand-ins for nbgrader's commands")
    parser.add_argument("--json", action="store_true", help="the table goes to standard error")
    parser.add_argument(
        "--only", nargs="*", choices=[label for label, _, _ in RUNS], default=None,
        help="which runs of skillmap grade; all of them without this",
    )  # fmt: skip
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        place, module, engine, workers = given.one
        print(json.dumps(grade_one(Path(place), module, engine, int(workers))))
        return
    out = sys.stderr if given.json else sys.stdout
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="skillmap-bench-") as name:
        place = Path(name)
        base = generate(place / "base", given.submissions, given.module).root
        sample = min(given.sample, given.submissions)
        halves = slice(0, sample, 2), slice(1, sample, 2)
        found["plain"] = by_nbgrader(base, place / "plain", halves[0], given.module, plain=True)
        found["preprocessors"] = by_nbgrader(
            base, place / "ours", slice(sample), given.module, plain=False
        )
        runs = [run for run in RUNS if given.only is None or run[0] in given.only]
        for label, engine, workers in runs:
            found[label] = by_skillmap(base, place / label, given.module, engine, workers)
            shutil.rmtree(place / label, ignore_errors=True)
        if sample > 1:
            after = by_nbgrader(base, place / "after", halves[1], given.module, plain=True)
            found["plain"] = both(found["plain"], after)
    plain = found["plain"]["seconds"]
    print(
        f"{given.submissions} submissions of {given.module}; nbgrader's two commands on a sample "
        f"of {sample}, without the start of the command",
        file=out,
    )
    print(
        f"{'':22}{'graded':>8}{'s each':>9}{'CPU s':>8}{'MB':>7}{'MB w.':>7}{'ratio':>7}", file=out
    )
    for label, one in found.items():
        one["ratio"] = plain / one["seconds"] if one["graded"] else 0.0
        memory = [f"{one.get(f'peak_mb_{who}', 0):7.0f}" for who in ("coordinator", "worker")]
        print(
            f"{label.replace('_', ' '):22}{one['graded']:8}{one['seconds']:9.3f}{one['cpu']:8.3f}"
            f"{''.join(memory)}{one['ratio']:7.1f}",
            file=out,
        )
    best = found["sandboxed_2_workers" if "sandboxed_2_workers" in found else runs[-1][0]]
    print(
        f"With {best['workers']} workers, the coordinator (plan, rows, files) takes "
        f"{best['coordinator_cpu']:.3f} CPU seconds a submission, a worker with its sandboxed run "
        f"{best['worker_seconds']:.3f} s by the clock. CPU seconds of sandboxed runs are not in "
        "the column: a sandbox ends with all its processes, and nobody is left to count.",
        file=out,
    )
    last = {
        "module": given.module,
        "submissions": given.submissions,
        "sample_plain": sample,
        **{f"ratio_{label}": round(found[label]["ratio"], 2) for label, _, _ in runs},
        "ratio_preprocessors": round(found["preprocessors"]["ratio"], 2),
        "seconds_per_submission": round(best["seconds"], 4),
        "seconds_per_submission_plain": round(plain, 4),
        "peak_mb": round(max(best["peak_mb_coordinator"], best["peak_mb_worker"]), 1),
        "runs": found,
    }
    print(json.dumps(last))


if __name__ == "__main__":
    main()
