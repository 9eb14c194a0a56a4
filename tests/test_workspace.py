"""Who the learner is, and whether keys may be used here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from skillmap import workspace
from skillmap.errors import SkillMapError
from skillmap.workspace import (
    FACTS,
    FILE,
    Workspace,
    find_workspace,
    given_facts,
    who_am_i,
    write_facts,
    write_workspace,
)

if TYPE_CHECKING:
    from pathlib import Path


def keyed(folder: Path) -> Path:
    (folder / "source" / "estimation").mkdir(parents=True)
    (folder / "source" / "estimation" / "key.yaml").write_text("")
    write_workspace(folder, Workspace("ada", "spring", "self-paced", "source"))
    return folder


def test_a_workspace_is_found_from_below_and_names_its_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = keyed(tmp_path)
    (folder / "estimation").mkdir()
    monkeypatch.chdir("/")  # a relative source starts at the workspace, not here
    found = find_workspace(folder / "estimation")
    assert (found.learner, found.cohort, found.folder) == ("ada", "spring", folder)
    assert found.key_folder("estimation") == folder / "source" / "estimation"
    assert found.key_folder("evals") is None


def test_a_cohort_has_no_key(tmp_path: Path) -> None:
    keyed(tmp_path)
    write_workspace(tmp_path, Workspace("ada", "spring", "course", "source"))
    assert find_workspace(tmp_path).key_folder("estimation") is None


def test_a_file_of_somebody_else_never_names_code_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyed(tmp_path)
    owner = (tmp_path / FILE).stat().st_uid
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    monkeypatch.setattr(workspace, "_SYSTEM", -1)
    found = find_workspace(tmp_path)
    assert found.learner == "ada"
    assert found.key_folder("estimation") is None


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 9000, '{"learner": 3}', '{"mode": "x"}'])
def test_a_faulty_file_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(SkillMapError, match=FILE):
        find_workspace(tmp_path)


def test_the_learner_is_named_by_code_then_hub_then_workspace_then_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "Hub")
    assert str(who_am_i("Ada", Workspace("ben"))) == "ada"
    assert str(who_am_i("", Workspace("ben"))) == "hub"
    monkeypatch.delenv("JUPYTERHUB_USER")
    assert str(who_am_i("", Workspace("ben"))) == "ben"
    monkeypatch.setattr("getpass.getuser", lambda: "CORP\\Eva Ruiz")
    assert str(who_am_i()) == "corp-eva-ruiz"


def test_facts_are_given_for_one_module_and_world_only(tmp_path: Path) -> None:
    assert given_facts(tmp_path, "evals", 7) is None
    write_facts(tmp_path, "evals", 7, {"calls": 0.1 + 0.2, "group": "visitors", "days": 14})
    assert given_facts(tmp_path, "evals", 7) == {
        "calls": 0.1 + 0.2,
        "group": "visitors",
        "days": 14,
    }
    assert given_facts(tmp_path, "evals", 8) is None
    assert given_facts(tmp_path, "estimation", 7) is None


@pytest.mark.parametrize(
    "text",
    ["", "no json", "[]", "{}", "[" * 100_000, '{"module": "evals", "world": 7, "facts": 3}'],
)
def test_facts_that_a_run_has_spoiled_are_worked_out_again(tmp_path: Path, text: str) -> None:
    (tmp_path / FACTS).write_text(text)
    assert given_facts(tmp_path, "evals", 7) is None
