"""A lesson with labs: decisions, a diagnosis, tables, a log, and what is recomputed."""

ITEMS = """
module: estimation
items:
  - id: es.c1
    title: Which one?
    points: 10
    parts:
      - id: es.c1.decision
        prompt: {kind: choice, label: Ship, options: {a: Ship A, b: Ship B, none: Ship none}}
      - {id: es.c1.wait, prompt: {kind: number, label: Wait, unit: seconds}}
      - {id: es.c1.gain, prompt: {kind: number, label: Gain, unit: "%"}}
  - id: es.c2
    title: Thresholds
    points: 6
    parts:
      - id: es.c2.decision
        prompt:
          kind: table
          label: Bars
          rows: {s1: Visitors, s2: Locals}
          columns: [{name: bar, label: Bar, kind: number}]
  - id: es.c3
    title: What is it?
    points: 9
    parts:
      - id: es.c3.causes
        prompt:
          kind: table
          label: Causes
          rows: {stale: Stale article, judge: Judge moved, mix: New questions, nothing: Nothing}
          columns: [{name: p, label: Chance, kind: number, unit: "%"}]
      - {id: es.c3.share, prompt: {kind: number, label: Share, unit: ""}}
      - id: es.c3.first
        prompt: {kind: choice, label: First, options: {fix: Fix, look: Look, wait: Wait}}
  - id: es.c4
    title: Cells
    points: 8
    parts:
      - id: es.c4.table
        prompt:
          kind: table
          label: Groups
          rows: {s1: Visitors, s2: Locals}
          columns:
            - {name: rate, label: Pass rate, kind: number, unit: "%"}
            - {name: fails, label: Below the bar, kind: choice, options: {y: "Yes", n: "No"}}
  - id: es.c5
    title: Log
    points: 6
    parts:
      - {id: es.c5.decision, prompt: {kind: choice, label: D, options: {ship: Ship, hold: Hold}}}
      - {id: es.c5.rejected, prompt: {kind: text, label: Rejected}}
      - {id: es.c5.deciding, prompt: {kind: number, label: Number, unit: $}}
      - {id: es.c5.trigger, prompt: {kind: text, label: Trigger}}
      - {id: es.c5.owner, prompt: {kind: text, label: Owner}}
      - {id: es.c5.review, prompt: {kind: text, label: Review}}
  - id: es.c6
    title: Your own sample
    points: 10
    parts:
      - id: es.c6.plan
        prompt:
          kind: table
          label: Labels bought
          rows: {s1: Visitors, s2: Locals}
          columns: [{name: n, label: Labels, kind: number}]
      - {id: es.c6.rate, prompt: {kind: number, label: Rate, unit: ""}}
      - id: es.c6.worst
        prompt: {kind: choice, label: Worst, options: {s1: Visitors, s2: Locals}}
      - {id: es.c6.again, prompt: {kind: number, label: Rate again, unit: ""}}
      - id: es.c6.groups
        prompt:
          kind: table
          label: Groups
          rows: {s1: Visitors, s2: Locals}
          columns: [{name: rate, label: Rate, kind: number}]
  - id: es.c7
    title: Chain of your own
    points: 4
    parts:
      - {id: es.c7.chain, prompt: {kind: chain, label: Chain, unit: calls/day}}
      - {id: es.c7.bill, prompt: {kind: number, label: Bill, unit: calls/day}}
"""

KEY = """
module: estimation
solver: solver.py
items:
  es.c1:
    grader: decision
    reference: c1
    tie: 0.02
    weights: {decision: 4}
    also:
      wait: {grader: number, rule: G2, reference: wait, weight: 3}
      gain: {grader: number, rule: G3, reference: gain, weight: 3}
  es.c2: {grader: decision, reference: c2}
  es.c3:
    grader: diagnosis
    reference: c3.cause
    weight: 4
    also:
      share: {grader: number, reference: c3.share, weight: 2}
      first: {grader: decision, reference: c3.first, weight: 3}
  es.c4: {grader: table, reference: c4, within: {rate: 0.05}}
  es.c5: {grader: log, parts: {number: deciding}}
  es.c6:
    grader: number
    part: rate
    rule: G3
    reference: c6.rate
    weight: 4
    also:
      worst: {grader: choice, reference: c6.worst, weight: 2}
      again: {grader: number, reference: c6_whole.rate, weight: 2}
      groups: {grader: table, reference: groups, absolute: 0.005, weight: 2}
  es.c7: {grader: chain, reference: c7, required: [calls]}
"""

SOLVER = '''
def drawn(answers):
    """A rate by group on the learner's own sample: depends on how many labels they bought."""
    labels = {row["row"]: row["n"] for row in answers["plan"]}
    if not 0 < labels["s1"] + labels["s2"] <= 400:
        raise ValueError("more labels than the budget")
    return {"s1": 0.8 - 1 / (labels["s1"] + 10), "s2": 0.9 - 1 / (labels["s2"] + 10)}


def c6(answers):
    rates = drawn(answers)
    return {"rate": (rates["s1"] + rates["s2"]) / 2}


def worst(answers):
    plan = answers.get("plan")
    if plan is None:
        return None
    rates = drawn(answers)
    return min(rates, key=rates.get)


def references(world):
    shift = world % 7 / 100

    def worth(settings):
        bars = {row["row"]: row["bar"] for row in settings}
        return 10 - 20 * sum((bars[s] - best) ** 2 for s, best in
                             {"s1": 0.6 + shift, "s2": 0.8 + shift}.items())

    return {
        "c1": {"values": {"a": 1.0, "b": 3.0 + shift, "none": 0.0}, "default": "none"},
        "wait": {"value": 40.0, "se": 2.0},
        "gain": 12.0,
        "c2": {"value": worth, "best": 10.0, "default": worth([{"row": "s1", "bar": 0.6},
               {"row": "s2", "bar": 0.6}]), "at": [{"row": "s1", "bar": 0.6 + shift},
               {"row": "s2", "bar": 0.8 + shift}]},
        "c3": {"cause": "nothing", "share": 0.31,
               "first": {"values": {"fix": -2.0, "look": 4.0, "wait": 4.0}, "default": "wait"}},
        "c4": {"s1": {"rate": 60.0, "fails": "y"}, "s2": {"rate": 90.0, "fails": ["n"]}},
        "c6": {"rate": lambda answers: c6(answers)["rate"], "worst": worst},
        "c6_whole": c6,
        "groups": lambda answers: {s: {"rate": r} for s, r in drawn(answers).items()},
        "c7": lambda answers: {"value": answers["bill"]},
    }


def reference_answers(world):
    return {
        "es.c6": {
            "es.c6.plan": {"value": [{"row": "s1", "n": 90}, {"row": "s2", "n": 110}]},
        },
    }
'''
