"""A lesson, a key and a solver made for these tests, and a writer of folders."""

from pathlib import Path
from textwrap import dedent

ITEMS = """
module: estimation
items:
  - id: es.a1
    title: One number
    points: 4
    parts: [{id: es.a1.n, prompt: {kind: number, label: Calls, unit: calls/day}}]
  - id: es.a2
    title: Choices
    points: 3
    parts:
      - {id: es.a2.one, prompt: {kind: choice, label: One, options: {x: Ex, y: Why, z: Zed}}}
      - {id: es.a2.some, prompt: {kind: choices, label: Some, options: {x: Ex, y: Why, z: Zed}}}
      - {id: es.a2.order, prompt: {kind: ranking, label: Order, options: {x: Ex, y: Why, z: Zed}}}
  - id: es.a3
    title: Estimate
    points: 14
    parts:
      - id: es.a3.chain
        prompt:
          kind: chain
          label: Chain
          unit: calls/day
          shelf:
            ask: {label: Ask questions, unit: questions/day}
            ask_calls: {label: Calls a question, unit: calls/question}
            trips: {label: Trips, unit: trips/month}
            notes: {label: Calls a trip, unit: calls/trip}
            seats: {label: Seats, unit: $/month}
      - {id: es.a3.range, prompt: {kind: range, label: Range, unit: calls/day}}
      - id: es.a3.drivers
        prompt:
          kind: choices
          label: Two
          pick: 2
          options: {ask: A, ask_calls: B, trips: C, notes: D}
      - {id: es.a3.decision, prompt: {kind: choice, label: Take, options: {small: S, large: L}}}
      - {id: es.a3.break-even, prompt: {kind: number, label: Turn, unit: million trips/month}}
      - {id: es.a3.mind, prompt: {kind: text, label: Mind}}
  - id: es.a4
    title: Ladder
    points: 10
    parts:
      - {id: es.a4.p, prompt: {kind: range, label: P, unit: calls/day, point: false}}
      - {id: es.a4.q, prompt: {kind: range, label: Q, unit: $, point: false}}
      - {id: es.a4.r, prompt: {kind: range, label: R, unit: "%", point: false}}
      - {id: es.a4.s, prompt: {kind: range, label: S, unit: "", point: false}}
  - id: es.a5
    title: Shop
    points: 12
    parts:
      - id: es.a5.chain
        prompt:
          kind: chain
          label: Chain
          unit: $/month
          shelf:
            trips: {label: Trips, unit: million trips/month}
            cost: {label: Cost, unit: $/thousand trips}
            seats: {label: Seats, unit: $/month}
      - {id: es.a5.bill, prompt: {kind: number, label: Bill, unit: $/month}}
      - id: es.a5.drivers
        prompt: {kind: choices, label: Which, pick: 1, options: {trips: T, cost: C}}
  - id: es.a6
    title: Words
    points: 5
    parts: [{id: es.a6.text, prompt: {kind: text, label: Say it}}]
  - id: es.a7
    title: Table
    points: 1
    parts:
      - id: es.a7.t
        prompt: {kind: table, label: T, columns: [{name: a, label: A, kind: number}]}
  - id: es.open
    title: Open
    points: 0
    parts: [{id: es.open.n, prompt: {kind: number, label: N}}]
"""

KEY = """
module: estimation
solver: solver.py
items:
  es.a1: {grader: number, reference: a1, rule: G1}
  es.a2: {grader: choice, part: one, reference: a2.one, partial: {y: 0.5}}
  es.a3:
    grader: estimate
    rule: EA
    reference: a3
    decoys: [seats]
    also:
      mind: {grader: presence, words: 5, number: true, weight: 2}
  es.a4: {grader: interval-set, reference: a4}
  es.a5: {grader: chain, reference: a5, decoys: [seats], naming: 1}
  es.a6: {grader: written, least: 5, reference: a6}
  es.a7: {grader: interval-set, reference: a7, mode: complete}
"""

SOLVER = """
from types import SimpleNamespace as Row
from skillmap.estimation import Chain, Factor, between

def references(world):
    trips = world * 1e6
    chain = Chain.of(
        Factor("ask", between(12e3, 16e3), "questions/day"),
        Factor("ask_calls", between(1.2, 1.5), "calls/question"),
        Factor("trips", between(0.8 * trips, 1.25 * trips), "trips/month", "+"),
        Factor("notes", between(1.0, 1.44), "calls/trip"),
        unit="calls/day",
    )
    shop = Chain.of(
        Factor("trips", between(9, 11), "million trips/month"),
        Factor("cost", between(1, 4), "$/thousand trips"),
        unit="$/month",
    )
    return {
        "a1": 100.0 * world,
        "a2": {"one": ["x"], "some": ["x", "y"], "order": ["z", "y", "x"]},
        "a3": {
            "value": chain.point(), "chain": chain, "decision": ["small"], "break-even": 12.0,
        },
        "a4": {"es.a4.p": 100.0, "es.a4.q": 5.0, "es.a4.r": 40.0, "es.a4.s": 7.0},
        "a5": {"value": shop.point(), "chain": shop},
        "a6": Row(text="What does it cost?", criteria=(
            Row(name="Scope", levels=("none", "some", "all")),
            Row(name="Chain", levels=("none", "some", "all")),
        )),
        "a7": {"es.a7.t": 1.0},
    }

def worked(world):
    return {"es.a1": f"It is {100 * world}."}
"""


def write(folder: Path, key: str = KEY, solver: str = SOLVER) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "key.yaml").write_text(dedent(key), encoding="utf-8")
    (folder / "solver.py").write_text(solver, encoding="utf-8")
    return folder
