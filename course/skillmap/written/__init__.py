"""Written answers, graded by rubric: guards, evidence, levels with a confidence, and review.

>>> from skillmap.bank import question
>>> asked = question("es.q2")
>>> found = score(asked, asked.worked_strong.text)
>>> found.max_score, found.needs_review  # the bank's own words go to a person
(10, True)
"""

from skillmap.written.guards import guards, kind_of
from skillmap.written.scoring import CriterionScore, Evidence, Scored, score

__all__ = ["CriterionScore", "Evidence", "Scored", "guards", "kind_of", "score"]
