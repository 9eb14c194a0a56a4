"""The Estimation module: its figures, its items, its answers over many worlds."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.fixtures.estimation import ITEMS, KINDS, NAIVE, WORLDS, answers, solver

from skillmap.answers import AnswerSheet
from skillmap.grading import grade_item
from skillmap.grading.feedback import Outcome
from skillmap.grading.keys import load_key
from skillmap.lessons import lesson
from skillmap.lessons.estimation import desk, evidence_card, facts, first_round, hump_figure
from skillmap.lessons.estimation.case import MIXES, case, effort
from skillmap.lessons.estimation.facts import shelf
from skillmap.lessons.estimation.figures import hump_table
from skillmap.worlds import HOUSE

MANY = (HOUSE, *range(5000, 5050))
WRITTEN = {"es.q2", "es.q4"}
