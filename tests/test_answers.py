"""The answer sheet keeps what it is given and survives what it is handed."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skillmap import answers
from skillmap.answers import MAX_HISTORY, AnswerSheet
from skillmap.errors import AnswerError, SheetError

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
IDS = st.sampled_from(["es.e1.point", "es.e1.range", "es.e2.chain", "es.q2"])
SCALARS = (
    st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(-1e20, 1e20, allow_nan=False)
    | st.text(max_size=40)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def sheet_at(path: Path, **extra: Any) -> AnswerSheet:
    return AnswerSheet.open(path, module="estimation", learner="ada", world=77, **extra)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "answers.json"


def clean(value: Any) -> Any:
    """What JSON makes of a value whose text may hold lone surrogates."""
    return json.loads(json.dumps(value).encode("utf-8", "replace"))


class TestKeeping:
    def test_a_missing_file_is_an_empty_sheet_and_is_not_made(self, path: Path) -> None:
        assert len(sheet_at(path)) == 0
        assert not path.exists()

    @QUICK
    @given(st.dictionaries(IDS, st.tuples(VALUES, st.none() | st.text(max_size=12)), min_size=1))
    def test_what_is_put_is_there_again(self, tmp_path: Path, given_: dict[str, Any]) -> None:
        path = tmp_path / "round" / "answers.json"
        path.unlink(missing_ok=True)
        sheet = sheet_at(path)
        for name, (value, unit) in given_.items():
            sheet.put(name, value, unit)
        again = sheet_at(path)
        assert again.problems == ()
        for name in given_:
            assert again.get(name) == sheet.get(name)
        assert AnswerSheet.parse(path.read_bytes()).as_dict() == sheet.as_dict()

    def test_the_file_has_the_documented_form(self, path: Path) -> None:
        sheet = sheet_at(path)
        sheet.put("es.e1.point", 5, "calls/day", at=NOON)
        sheet.predict("es.e1", 70)
        assert json.loads(path.read_text()) == {
            "format": 1,
            "module": "estimation",
            "learner": "ada",
            "world": 77,
            "answers": {
                "es.e1": {"predicted": 70.0},
                "es.e1.point": {
                    "saved_at": "2026-11-22T12:00:00+00:00",
                    "unit": "calls/day",
                    "value": 5,
                },
            },
        }
        lines = path.read_text().splitlines()
        assert [n for n in lines if n.startswith(' "')] == sorted(
            n for n in lines if n.startswith(' "')
        )

    def test_earlier_values_are_kept_and_bounded(self, path: Path) -> None:
        sheet = sheet_at(path)
        for number in range(MAX_HISTORY + 5):
            sheet.put("es.e1.point", number)
        answer = sheet_at(path).get("es.e1.point")
        assert answer is not None
        assert answer.value == MAX_HISTORY + 4
        assert [e.value for e in answer.history] == list(range(4, MAX_HISTORY + 4))

    def test_the_same_value_again_is_no_history(self, path: Path) -> None:
        sheet = sheet_at(path)
        assert sheet.put("es.e1.point", 3).history == sheet.put("es.e1.point", 3).history == ()
        assert len(sheet.put("es.e1.point", True).history) == 1

    def test_a_text_in_the_making_leaves_no_trail(self, path: Path) -> None:
        sheet = sheet_at(path)
        sheet.put("es.q2", "first")
        sheet.put("es.q2", "second th", keep_earlier=True)
        answer = sheet.put("es.q2", "second thought", keep_earlier=False)
        assert [e.value for e in answer.history] == ["first"]

    def test_unknown_fields_are_kept(self, path: Path) -> None:
        path.write_text(
            '{"format": 1, "module": "estimation", "learner": "ada", "world": 77, "mood": "good",'
            ' "answers": {"es.e1.point": {"value": 1, "via": "phone"}}}'
        )
        sheet = sheet_at(path)
        sheet.put("es.e1.point", 2)
        raw = json.loads(path.read_text())
        assert raw["mood"] == "good"
        assert raw["answers"]["es.e1.point"]["via"] == "phone"

    def test_unknown_ids_are_kept_and_reported(self, path: Path) -> None:
        sheet_at(path).put("es.e9.point", 2)
        sheet = sheet_at(path, known={"es.e1.point"})
        assert sheet.ids() == ("es.e9.point",)
        assert any("es.e9.point" in problem for problem in sheet.problems)

    def test_someone_elses_sheet_is_shown_and_said(self, path: Path) -> None:
        sheet_at(path).put("es.e1.point", 2)
        other = AnswerSheet.open(path, module="estimation", learner="ben", world=78)
        assert other.get("es.e1.point") is not None
        assert sum("names the" in problem for problem in other.problems) == 2


class TestRefusing:
    @pytest.mark.parametrize(
        "value",
        [float("nan"), float("inf"), 1e40, None, object(), {1: 2}, b"x", "x" * 20_001, [0] * 501],
        ids=["nan", "infinite", "huge", "none", "object", "keys", "bytes", "long", "many"],
    )
    def test_what_no_sheet_can_hold(self, path: Path, value: Any) -> None:
        sheet = sheet_at(path)
        sheet.put("es.e1.point", 1)
        before = path.read_bytes()
        with pytest.raises(AnswerError):
            sheet.put("es.e1.point", value)
        assert path.read_bytes() == before
        assert sheet.get("es.e1.point").value == 1  # type: ignore[union-attr]

    def test_too_deep(self, path: Path) -> None:
        value: Any = 1
        for _ in range(12):
            value = [value]
        with pytest.raises(AnswerError, match="nested"):
            sheet_at(path).put("es.e1.point", value)

    def test_too_much_gives_up_history_before_answers(self, path: Path) -> None:
        sheet = sheet_at(path)
        text = "long word " * 1_900
        for number in range(45):
            sheet.put(f"es.e{number}.words", f"{number} {text}")
        sheet.put("es.e0.words", "again " + text)
        assert len(path.read_bytes()) <= answers.MAX_BYTES
        full = {f"es.e{number}.words": f"{number} {text}" for number in range(45, 80)}
        with pytest.raises(AnswerError, match="would grow"):
            [sheet.put(name, value) for name, value in full.items()]
        again = sheet_at(path)
        assert again.get("es.e0.words").value.startswith("again")  # type: ignore[union-attr]
        assert again.ids() == sheet.ids()

    @pytest.mark.parametrize("percent", [-1, 101, float("nan"), True, "70"])
    def test_predictions_go_from_0_to_100(self, path: Path, percent: Any) -> None:
        with pytest.raises(AnswerError, match="prediction"):
            sheet_at(path).predict("es.e1", percent)

    def test_a_symbolic_link_is_not_followed(self, path: Path, tmp_path: Path) -> None:
        target = tmp_path / "theirs.json"
        target.write_text('{"format": 1, "answers": {}}')
        path.symlink_to(target)
        with pytest.raises(SheetError, match="symbolic link"):
            sheet_at(path)

    def test_a_place_that_cannot_hold_a_file_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "a-file").write_text("")
        with pytest.raises(SheetError, match="Nothing was saved"):
            sheet_at(tmp_path / "a-file" / "answers.json").put("es.e1.point", 1)


class TestDamage:
    @QUICK
    @given(st.binary(max_size=300))
    def test_any_bytes_raise_nothing_but_a_sheet_error(self, data: bytes) -> None:
        with contextlib.suppress(SheetError):
            AnswerSheet.parse(data)

    @QUICK
    @given(st.recursive(SCALARS | st.none(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
    def test_any_json_raises_nothing_but_a_sheet_error(self, document: Any) -> None:
        for data in (
            document,
            {"format": 1, "answers": document},
            {"format": 1, "answers": {"es.e1": document}},
        ):
            try:
                sheet = AnswerSheet.parse(json.dumps(data).encode("utf-8", "replace"))
            except SheetError:
                continue
            assert AnswerSheet.parse(sheet.to_bytes()).as_dict() == sheet.as_dict()

    @pytest.mark.parametrize(
        "data",
        [
            b"[" * 100_000,
            b'{"format": 1, "answers": {"es.e1.a": {"value": ' + b"[" * 5_000,
            b'{"format": 2, "answers": {}}',
            b'{"format": true, "answers": {}}',
            b"\xff\xfe{}",
            b"x" * (answers.MAX_BYTES + 1),
        ],
        ids=["deep", "deep value", "newer", "bool", "utf-16", "large"],
    )
    def test_hostile_files(self, data: bytes) -> None:
        with pytest.raises(SheetError, match=r"answers\.json"):
            AnswerSheet.parse(data)

    def test_surrogates_and_doubled_keys(self) -> None:
        sheet = AnswerSheet.parse(
            b'{"format": 1, "answers": {"es.e1.a": {"value": "\\ud800"}, "es.e1.a": {"value": 2}}}'
        )
        assert sheet.get("es.e1.a").value == 2  # type: ignore[union-attr]
        assert any("twice" in problem for problem in sheet.problems)
        lone = AnswerSheet.parse(b'{"format": 1, "answers": {"es.e1.a": {"value": "\\ud800"}}}')
        lone.to_bytes().decode()

    def test_a_broken_file_is_set_aside_and_said(self, path: Path) -> None:
        path.write_bytes(b'{"format": 1, "answers": {"es.e1.po')
        sheet = sheet_at(path)
        aside = list(path.parent.glob("answers.broken-*.json"))
        assert [p.read_bytes() for p in aside] == [b'{"format": 1, "answers": {"es.e1.po']
        assert aside[0].name in sheet.problems[0]
        sheet.put("es.e1.point", 4)
        assert sheet_at(path).get("es.e1.point").value == 4  # type: ignore[union-attr]

    def test_two_broken_files_in_one_second_are_both_kept(self, path: Path) -> None:
        for text in ("{", "["):
            path.write_text(text)
            sheet_at(path)
        assert sorted(p.read_text() for p in path.parent.glob("answers.broken-*")) == ["[", "{"]

    def test_a_damaged_entry_costs_only_itself(self, path: Path) -> None:
        path.write_text(
            '{"format": 1, "module": "estimation", "learner": "ada", "world": 77, "answers": '
            '{"es.e1.point": {"value": 3}, "es.e1.range": [1, 2], "no id": {"value": 1}}}'
        )
        sheet = sheet_at(path)
        assert sheet.ids() == ("es.e1.point",)
        assert any("es.e1.range" in problem for problem in sheet.problems)
        assert len(list(path.parent.glob("answers.broken-*"))) == 1

    def test_a_crash_while_writing_leaves_the_old_file(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sheet = sheet_at(path)
        sheet.put("es.e1.point", 1)
        before = path.read_bytes()

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(answers.os, "fsync", full)
        with pytest.raises(SheetError, match="No space left"):
            sheet.put("es.e1.point", 2)
        assert path.read_bytes() == before
        assert sheet.get("es.e1.point").value == 1  # type: ignore[union-attr]
        assert list(path.parent.glob("*.tmp")) == []


class TestTogether:
    def test_two_open_notebooks_lose_nothing(self, path: Path) -> None:
        one, two = sheet_at(path), sheet_at(path)
        one.put("es.e1.point", 1)
        two.put("es.e2.point", 2)
        one.put("es.e1.range", {"low": 1, "high": 2})
        assert sheet_at(path).ids() == ("es.e1.point", "es.e1.range", "es.e2.point")
        two.reload()
        assert two.get("es.e1.range") is not None

    def test_threads(self, path: Path) -> None:
        def write(start: int) -> None:
            sheet = sheet_at(path)
            for number in range(start, start + 8):
                sheet.put(f"es.e{number}.point", number)

        threads = [threading.Thread(target=write, args=(8 * n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {sheet_at(path).get(f"es.e{n}.point").value for n in range(32)} == set(range(32))  # type: ignore[union-attr]

    def test_processes(self, path: Path) -> None:
        code = (
            "import sys; from skillmap.answers import AnswerSheet\n"
            "s = AnswerSheet.open(sys.argv[1], module='estimation', learner='ada', world=77)\n"
            "for n in range(10): s.put(f'es.{sys.argv[2]}{n}.point', n)"
        )
        running = [
            subprocess.Popen([sys.executable, "-c", code, str(path), letter]) for letter in "abc"
        ]
        assert [p.wait(timeout=60) for p in running] == [0, 0, 0]
        assert len(sheet_at(path)) == 30
