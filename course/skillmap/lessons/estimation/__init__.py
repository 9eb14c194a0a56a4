"""The Estimation lesson: what a learner may see of its items, and the memos of their world."""

from skillmap.lessons.estimation.evidence import evidence_card
from skillmap.lessons.estimation.facts import briefing, desk, facts
from skillmap.lessons.estimation.figures import hump_figure
from skillmap.lessons.estimation.ladder import first_round

__all__ = ["briefing", "desk", "evidence_card", "facts", "first_round", "hump_figure"]
