"""The choice of the engine: sandboxed, or refused, unless somebody says otherwise."""

from __future__ import annotations

import pytest

import skillmap.cohort.engine as engine_package
from skillmap.cohort import engines
from skillmap.cohort.engine import Layer
from skillmap.errors import EnvironmentLacksError


def pretend(monkeypatch: pytest.MonkeyPatch, *, present: bool) -> None:
    found = (Layer("user", "an account of its own", present, seen="no user namespaces"),)
    monkeypatch.setattr(engine_package, "layers", lambda: found, raising=False)


def test_auto_is_the_sandbox_where_every_layer_is(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, present=True)
    assert engines.chosen("auto") == engines.chosen_for_own("auto") == "skillmap"


def test_auto_refuses_other_peoples_work_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, present=False)
    with pytest.raises(EnvironmentLacksError, match="no user namespaces") as caught:
        engines.chosen("auto")
    assert "--without-sandbox" in str(caught.value)
    assert engines.chosen("plain") == "plain"
    assert engines.chosen_for_own("auto") == "plain"


def test_papermill_knows_the_engines() -> None:
    from papermill.engines import PapermillEngines

    known = PapermillEngines()
    engines.register(known)
    assert known.get_engine("plain") is not None
    assert known.get_engine(engines.unboxed()) is not None
