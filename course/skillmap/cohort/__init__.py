"""A cohort's work: build and verify modules, run and score hand-ins, record, feedback, export.

``course`` says where things lie, ``build`` makes the release, ``run`` executes one hand-in,
``assess`` runs and scores it, ``record`` writes, ``bridge`` puts all of it into nbgrader and
``grade`` does a whole cohort. Import the module you need: this package loads nothing.
"""

__all__: list[str] = []
