"""What is left out to start sooner changes nothing that anyone can see."""

from __future__ import annotations

import subprocess
import sys

import nbgrader.api
import pytest

from skillmap.cohort.gradebooks import _know_the_schema


def said(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.strip()


@pytest.mark.slow
def test_the_schemas_version_is_the_one_that_nbgrader_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nbgrader.api, "get_alembic_version", nbgrader.api.get_alembic_version)
    _know_the_schema()
    theirs = said("from nbgrader.api import get_alembic_version as v; print(v())")
    assert nbgrader.api.get_alembic_version() == theirs
    assert theirs


def test_the_grammar_that_is_not_loaded_can_still_be() -> None:
    pytest.importorskip("rfc3987_syntax")
    told = said(
        "import sys, skillmap.cohort; "
        "print('jsonschema' in sys.modules, 'rfc3987_syntax' in sys.modules); "
        "import rfc3987_syntax; print(rfc3987_syntax.__name__)"
    )
    assert told.split() == ["True", "False", "rfc3987_syntax"]
