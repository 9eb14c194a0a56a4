"""A cohort's work: build and verify modules, run and score hand-ins, record, feedback, export.

``course`` says where things lie, ``build`` makes the release, ``run`` executes one hand-in,
``assess`` runs and scores it, ``record`` writes, ``bridge`` puts all of it into nbgrader and
``grade`` does a whole cohort. Import the module you need: this package loads nothing but the
validator of notebooks, which it loads without a grammar that takes a second to compile.
"""

import importlib
import sys

__all__: list[str] = []


def _load_validator() -> None:
    """Load jsonschema; ``rfc3987_syntax`` is hidden from it meanwhile, as if not installed.

    jsonschema tries it for the formats ``iri`` and ``iri-reference``, which notebooks do not have.
    """
    grammar = "rfc3987_syntax"
    if "jsonschema" in sys.modules or grammar in sys.modules:
        return
    sys.modules[grammar] = None  # type: ignore[assignment]
    try:
        importlib.import_module("jsonschema")
    finally:
        del sys.modules[grammar]


_load_validator()
