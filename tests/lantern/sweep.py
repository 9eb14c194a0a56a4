"""What each "accept the build only if" row measures, for one world at a time.

Used by the tests on a few seeds and by ``benchmarks/lantern_sweep.py`` on two hundred.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skillmap.lantern import Lantern, Settings, parameters
from skillmap.lantern.day import ANSWERED, Carry, live
from skillmap.lantern.index import recall_table
from skillmap.lantern.judge import verdicts
from skillmap.lantern.market import LAYERS, share_with
from skillmap.lantern.monitors import METRICS
from skillmap.lantern.purchases import ITEM_DAY
from skillmap.lantern.retrieval import IndexConfig
from skillmap.lantern.review import review_day
from skillmap.lantern.serving import hit_rate
from skillmap.lantern.traffic import cell_segments, is_disruption, rates
from skillmap.lantern.trust import wrong_and_acted
from skillmap.stats import expected_calibration_error, hajek, rogan_gladen, srm_p_value

if TYPE_CHECKING:
    from types import ModuleType

    from skillmap.lantern.day import DayRecord

K5 = IndexConfig(k=5)


def disruption(world: int) -> dict[str, float]:
    """C1: share of disruption questions before day 70 and after."""
    w = parameters(world)
    asks = is_disruption()
    early = sum(rates(w, d).sum(axis=0) for d in range(70))
    late = sum(rates(w, d).sum(axis=0) for d in range(70, 120))
    return {"before": early[asks].sum() / early.sum(), "after": late[asks].sum() / late.sum()}


def recall(world: int) -> dict[str, float]:
    """C2: recall@5 of healthy segments, the gap, and how much the glossary recovers."""
    w = parameters(world)
    day = w.calendar.policy_edit + w.calendar.cleanup_days + 1
    weights = rates(w, day)[0]
    segment = cell_segments()
    weak = w.weakness.position if w.weakness.mechanism == "vocabulary gap" else None

    def found(config: IndexConfig, at: int, world: Any = w) -> float:
        mask = segment == at
        hits = recall_table(world, day, config).evidence_found
        return float((weights * hits)[mask].sum() / weights[mask].sum())

    out = {"healthy": float(np.mean([found(K5, s) for s in range(5) if s != weak]))}
    if weak is not None:
        from dataclasses import replace

        from skillmap.lantern.world import Weakness

        whole = replace(w, weakness=Weakness(None, None))
        gap = found(K5, weak, whole) - found(K5, weak)
        back = found(IndexConfig(k=5, glossary=True), weak) - found(K5, weak)
        out |= {"gap": gap, "recovered": back / gap}
    return out


def accuracy(world: int, solver: ModuleType) -> dict[str, float]:
    """C3: share right overall, in the weak segment, and the gap between them."""
    w = parameters(world)
    seen = solver.quality(w)
    out = {"overall": seen.accuracy}
    if w.weakness.position is not None:
        weak = float(seen.right[w.weakness.position])
        out |= {
            "weak": weak,
            "gap": seen.accuracy - weak,
            w.weakness.mechanism or "": seen.accuracy - weak,
        }
    else:
        out["null gap"] = seen.accuracy - float(seen.right[int(w.pilot.segment[1]) - 1])
    return out


def _open_days(world: int, first: int, count: int, **settings: Any) -> list[DayRecord]:
    w = parameters(world)
    carry, records = Carry(), []
    for day in range(first, first + count):
        record, carry = live(w, Settings(thresholds=(0.0,) * 5, **settings), day, carry)
        records.append(record)
    return records


def calibration(world: int, solver: ModuleType) -> dict[str, float]:
    """C4: ECE overall and in the weak segment of overconfident and stale worlds."""
    w = parameters(world)
    records = _open_days(world, solver.settled_day(w), 2)
    conf = np.concatenate([r.ask.confidence for r in records])
    right = np.concatenate([r.ask.right for r in records])
    said = np.concatenate([r.ask.outcome == ANSWERED for r in records])
    where = np.concatenate([cell_segments()[r.ask.cell] for r in records])
    out = {"overall": expected_calibration_error(conf[said], right[said])}
    if w.weakness.mechanism in {"overconfidence", "stale cluster"}:
        mask = said & (where == w.weakness.position)
        out["weak"] = expected_calibration_error(conf[mask], right[mask])
        out[w.weakness.mechanism] = out["weak"]
    return out


def thresholds(world: int, solver: ModuleType) -> dict[str, float]:
    """C5: what t* by segment saves against the best single threshold, share of cost."""
    decision, _ = solver.thresholds(parameters(world))
    saved = 1 - decision.values["t* = 1 - H/h"] / decision.values["best single"]
    return {"saved": saved}


def storm(world: int) -> dict[str, float]:
    """C6 and C15: waits in the storm against a normal day at base staffing."""
    w = parameters(world)
    carry = Carry()
    normal, _ = live(w, Settings(), 66, carry)
    p50, p95, desk = [], [], []
    for day in w.calendar.storm_days:
        record, _ = live(w, Settings(), day, carry)
        a, b = np.percentile(record.ask.first, (50, 95)) / np.percentile(normal.ask.first, (50, 95))
        p50.append(a)
        p95.append(b)
        desk.append(_weighted_p90(record) / max(_weighted_p90(normal), 0.1))
    return {
        "p50": float(np.median(p50)),
        "p95": float(np.median(p95)),
        "desk p90": float(np.median(desk)),
    }


def _weighted_p90(record: DayRecord) -> float:
    d = record.desk
    return float((d.contacts * d.wait_p90).sum() / d.contacts.sum())


def golden(world: int, solver: ModuleType) -> dict[str, float]:
    """C7: golden minus production accuracy at launch and after day 70."""
    from skillmap.lantern.harness import golden_run
    from skillmap.lantern.updates import behavior_on

    w = parameters(world)
    out = {}
    for name, day in (("launch", 7), ("after 70", 100)):
        table = recall_table(w, day, IndexConfig())
        run = golden_run(w, Settings(), day, table, behavior_on(w, day))
        kept = ~run.answers.abstains
        on_set = float(run.answers.chance[kept].mean())
        outside = solver.quality(w, "heron", day).accuracy_of_answers
        out[name] = on_set - outside
    return out


def judged(world: int, solver: ModuleType) -> dict[str, float]:
    """C8: judge minus truth overall and in the weak segment, raw and after a pooled correction."""
    w = parameters(world)
    records = _open_days(world, solver.settled_day(w), 3)
    ids = np.concatenate(
        [r.day * ITEM_DAY + np.flatnonzero(r.ask.outcome == ANSWERED) for r in records]
    )
    pick = [r.ask.outcome == ANSWERED for r in records]
    right = np.concatenate([r.ask.right[p] for r, p in zip(records, pick, strict=True)])
    where = np.concatenate(
        [cell_segments()[r.ask.cell[p]] for r, p in zip(records, pick, strict=True)]
    )
    tokens = np.concatenate([r.ask.tokens_out[p] for r, p in zip(records, pick, strict=True)])
    cold = np.zeros(len(ids), dtype=bool)
    passed = verdicts(w, ids, segment=where, right=right, tokens=tokens, cold=cold)
    out = {"overall": float(passed.mean() - right.mean())}
    weak = w.weakness.position
    if weak is not None:
        mask = where == weak
        raw = float(passed[mask].mean())
        fixed = rogan_gladen(raw, float(passed[right].mean()), float((~passed[~right]).mean()))
        out |= {"weak": raw - right[mask].mean(), "weak pooled": fixed - right[mask].mean()}
    return out


def review(world: int, solver: ModuleType) -> dict[str, float]:
    """C9: error rate of the lowest-confidence sample, naive and weighted, over the truth."""
    w = parameters(world)
    record = _open_days(world, solver.settled_day(w), 1)[0]
    rows = np.flatnonzero(record.ask.outcome == ANSWERED)
    right = record.ask.right[rows]
    naive, weighted = [], []
    for draw in range(12):
        read = review_day(
            w,
            5_000 + draw,
            "lowest confidence",
            capacity=320,
            backlog=0.0,
            answered=record.ask.outcome == ANSWERED,
            confidence=record.ask.confidence,
            cell=record.ask.cell,
            right=record.ask.right,
        )
        bad = ~right[read.row]
        naive.append(bad.mean())
        weighted.append(hajek(bad, read.inclusion))
    truth = 1 - right.mean()
    return {"naive": np.mean(naive) / truth, "weighted": np.mean(weighted) / truth}


def update(world: int) -> dict[str, float]:
    """C10 and C12: days until the format monitor sees it, and how many monitors fire."""
    w = parameters(world)
    if not w.update.real:
        return {}
    lantern = Lantern(w).set_monitors(*METRICS).run(min(69, w.calendar.alias_move + 6))
    moved = w.calendar.alias_move
    names = {
        name
        for name, metrics in METRICS.items()
        for metric in metrics
        if name != "accuracy" and any(d >= moved for d in lantern.logs.chart(metric).alarms)
    }
    which = "malformed_rate" if w.update.broken == "fare card" else "uncited_rate"
    seen = [d for d in lantern.logs.chart(which).alarms if d >= moved]
    return {
        "monitors": float(len(names)),
        "days to see": float(seen[0] - moved + 1) if seen else 99.0,
    }


def srm(world: int) -> dict[str, float]:
    """C11: p-value of the split after three days at 25%."""
    w = parameters(world)
    lantern = Lantern(w).start_trial(0.25).run(3)
    people = lantern.logs.trial.groupby("arm")["new_people"].sum()
    p = srm_p_value([int(people["A"]), int(people["B"])], [0.75, 0.25])
    return {"buggy p" if w.assignment_bug else "sound p": p}


def hump(world: int) -> dict[str, float]:
    """C13: where the harm hump peaks, and whether 8% harms more than 16%."""
    trust = parameters(world).trust
    errors = np.linspace(0.01, 0.30, 581)
    curve = wrong_and_acted(trust, errors)
    more = float(wrong_and_acted(trust, 0.08) > wrong_and_acted(trust, 0.16))
    if trust.steepness < 5:
        return {"flat: 8% worse than 16%": more}
    return {"peak": float(errors[curve.argmax()]), "8% worse than 16%": more}


def market(world: int) -> dict[str, float]:
    """C14: does model parity move less share than the loss of one other layer?"""
    w = parameters(world)
    lost = [w.market.share - share_with(w, (layer,)) for layer in LAYERS]
    return {"parity matters less": float(lost[0] < max(lost[1:]))}


def cache(world: int) -> dict[str, float]:
    """C15: hit rates of the house world's 80 streams."""
    del world
    return {"busy": hit_rate(1260, 80, "5min"), "quiet": hit_rate(168, 80, "5min")}


def ledger(world: int, solver: ModuleType) -> dict[str, float]:
    """C16: inference as a share of what Ask and Journey Notes cost."""
    from skillmap.lantern.surfaces import _NOTE_ERROR, NOTE_HARM, note_dollars

    w = parameters(world)
    seen = solver.ask_value(w)
    ask = float((seen.inference * seen.share).sum()) / seen.total
    note = note_dollars(w, w.tier("heron"))
    return {"ask": ask, "notes": note / (note + _NOTE_ERROR["heron"] * NOTE_HARM)}
