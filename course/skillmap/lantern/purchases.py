"""Truth that costs money: labels, verdicts, the golden set, and second looks at old questions."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from skillmap.errors import ActionRefusedError
from skillmap.lantern.day import ANSWERED, question_shift
from skillmap.lantern.frames import cell_names, intent_column, segment_column
from skillmap.lantern.harness import golden_run, labels
from skillmap.lantern.index import recall_table
from skillmap.lantern.judge import PRICE, verdicts
from skillmap.lantern.numbers import item_uniform
from skillmap.lantern.settings import names_of, one_of, plain, whole, yes_or_no
from skillmap.lantern.tiers import chances
from skillmap.lantern.traffic import Questions, cell_segments, draw_questions
from skillmap.lantern.updates import behavior_on
from skillmap.lantern.world import SEGMENT_NAMES, TIERS
from skillmap.worlds import stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from pandas import DataFrame

    from skillmap.lantern.day import DayRecord
    from skillmap.lantern.numbers import Ints
    from skillmap.lantern.settings import Settings
    from skillmap.lantern.world import World

__all__ = ["AGAIN", "DRAWN", "ITEM_DAY", "Purchases"]

ITEM_DAY = 100_000
"""An item's number is its day times this, plus its row."""
DRAWN = ("n", "by", "segments", "since", "until", "items")
"""What a PM may say of the answers to be labeled or judged."""
AGAIN = ("items", "version", "passage", "tier", "repeat", "label")
"""What a PM may say of logged questions that are to be answered again."""
_WAYS = ("random", "lowest confidence", "stratified")


class Purchases:
    """What was bought in a run, and what money is left."""

    def __init__(self, world: World, budget: float) -> None:
        self._world = world
        self.budget = budget
        self.spent: list[tuple[int, str, float]] = []
        self.label_frames: list[DataFrame] = []
        self.verdict_frames: list[DataFrame] = []
        self.watched: list[tuple[int, int, int]] = []
        self._counter = 0

    @property
    def left(self) -> float:
        """Dollars left."""
        return self.budget - sum(dollars for *_, dollars in self.spent)

    def copy(self) -> Purchases:
        """Return a copy that can be spent from on its own."""
        twin = copy.copy(self)
        twin.spent, twin.watched = list(self.spent), list(self.watched)
        twin.label_frames = list(self.label_frames)
        twin.verdict_frames = list(self.verdict_frames)
        return twin

    def labels(
        self,
        days: Sequence[DayRecord],
        n: int | None = None,
        *,
        by: str = "random",
        segments: Mapping[str, int] | Sequence[str] | None = None,
        since: int = 0,
        until: int | None = None,
        items: Sequence[int] | None = None,
        labeler: int = 1,
    ) -> DataFrame:
        """Have people say of answers whether they are right; errs a few percent of the time.

        ``by`` random, lowest confidence or stratified; ``segments`` a list, or a number for each;
        ``items`` instead names them (a second ``labeler`` on the same items shows agreement).
        """
        labeler = whole("The labeler", labeler, 1, 2)
        chosen, chance = self._choose(
            days, n, by=by, segments=segments, since=since, until=until, items=items
        )
        dollars = len(chosen) * self._world.reviewers.label_cost
        self._pay(days, "labels", dollars)
        frame = self._frame(days, chosen)
        right = frame.pop("_right").to_numpy()
        says = labels(self._world, chosen, right, labeler)
        frame["label"] = np.where(says, "right", "wrong")
        frame["inclusion"] = chance
        frame["labeler"] = labeler
        self.label_frames.append(frame)
        return self._named(frame)

    def verdicts(
        self,
        days: Sequence[DayRecord],
        n: int | None = None,
        *,
        by: str = "random",
        segments: Mapping[str, int] | Sequence[str] | None = None,
        since: int = 0,
        until: int | None = None,
        items: Sequence[int] | None = None,
    ) -> DataFrame:
        """Have the model judge pass or fail answers; drawn as in :meth:`labels`."""
        chosen, chance = self._choose(
            days, n, by=by, segments=segments, since=since, until=until, items=items
        )
        self._pay(days, "judge", len(chosen) * PRICE)
        frame = self._frame(days, chosen)
        right = frame.pop("_right").to_numpy()
        cold = np.array([days[item // ITEM_DAY].behavior.cold for item in chosen], dtype=bool)
        says = verdicts(
            self._world,
            chosen,
            segment=np.asarray(frame["segment"].cat.codes, dtype=np.int8),
            right=right,
            tokens=frame["tokens_out"].to_numpy(),
            cold=cold,
        )
        frame["verdict"] = np.where(says, "pass", "fail")
        frame["inclusion"] = chance
        self.verdict_frames.append(frame)
        return self._named(frame)

    def watch(self, record: DayRecord, n: int) -> None:
        """Label a random handful of one day's answers for the accuracy monitor."""
        rows = np.flatnonzero(record.ask.outcome == ANSWERED)
        afford = int(self.left / self._world.reviewers.label_cost)
        take = min(n, len(rows), afford)
        if take < 1:
            return
        rng = stream(self._world.id, "lantern", "watch", record.day)
        rows = rng.choice(rows, take, replace=False)
        says = labels(self._world, record.day * ITEM_DAY + rows, record.ask.right[rows])
        self.watched.append((record.day, take, int((~says).sum())))
        self.spent.append((record.day, "labels", take * self._world.reviewers.label_cost))

    def golden(self, settings: Settings, day: int, graded_by: str) -> DataFrame:
        """Run and grade the golden set; the frame has a row for each of 300 items."""
        import pandas as pd

        one_of("grader", graded_by, ("people", "judge"))
        world, booked = self._world, max(day - 1, 0)
        behavior = behavior_on(world, day, pinned=settings.pinned)
        table = recall_table(world, day, settings.index, settings.reindexed_on)
        run = golden_run(world, settings, day, table, behavior)
        n = len(run.item)
        price = world.reviewers.label_cost if graded_by == "people" else PRICE
        self._afford(n * price, "the golden set")
        self.spent.append((booked, "labels" if graded_by == "people" else "judge", n * price))
        segment = cell_names(run.questions.cell)[0]
        a = run.answers
        if graded_by == "people":
            good = labels(world, run.item, a.right)
        else:
            cold = np.full(n, behavior.cold)
            good = verdicts(
                world, run.item, segment=segment, right=a.right, tokens=a.visible, cold=cold
            )
        frame = pd.DataFrame(
            {
                "item": run.item,
                "day": day,
                "segment": segment_column(run.questions.cell),
                "intent": intent_column(run.questions.cell),
                "abstained": a.abstains,
                "passed": np.where(a.abstains, False, good),
            }
        )
        return self._named(frame)

    def rerun(
        self,
        days: Sequence[DayRecord],
        items: Sequence[int],
        *,
        version: str = "logged",
        passage: str = "retrieved",
        tier: str | None = None,
        repeat: int = 1,
        label: bool = True,
    ) -> DataFrame:
        """Answer logged questions again, and have people label the new answers if ``label``.

        ``version`` logged, old or new; ``passage`` retrieved, right (the right article by hand, as
        the index knew it then) or today (the text in force now); ``tier`` another model.
        """
        import pandas as pd

        one_of("version", version, ("logged", "old", "new"))
        one_of("passage", passage, ("retrieved", "right", "today"))
        if tier is not None:
            one_of("tier", tier, TIERS)
        whole("The number of the repeat", repeat, 1, 100)
        yes_or_no("The label", label)
        chosen = self._known(days, items)
        world = self._world
        price = (world.reviewers.label_cost if label else 0.0) * len(chosen)
        self._afford(price, "labels of the new answers")
        new_model = behavior_on(world, max(world.calendar.alias_move, 0))
        old_model = behavior_on(world, 0)
        parts = []
        for day in np.unique(chosen // ITEM_DAY):
            record = days[int(day)]
            rows = chosen[chosen // ITEM_DAY == day] % ITEM_DAY
            behavior = {"logged": record.behavior, "old": old_model, "new": new_model}[version]
            every = draw_questions(world, record.day, record.demand)
            q = Questions(
                every.cell[rows], every.minute[rows], every.difficulty[rows], every.user[rows]
            )
            table = recall_table(
                world, record.day, record.settings.index, record.settings.reindexed_on
            )
            names = TIERS if tier is None else (tier,)
            number = (
                record.ask.tier[rows]
                if tier is None
                else np.full(len(rows), TIERS.index(tier), dtype=np.int8)
            )
            style_b = (record.ask.arm[rows] == 1) | (record.settings.style == "B")
            shift = question_shift(world, q, table, behavior, style_b)
            ids = day * ITEM_DAY + rows
            name = f"rerun {behavior.version} {passage} {repeat}"
            u = [item_uniform(world.id, f"{name} {k}", ids) for k in range(5)]
            found = table.evidence_found[q.cell] | (passage != "retrieved")
            stale = table.stale[q.cell] & (passage == "retrieved")
            if passage == "right":
                stale = table.stale[q.cell]
            right = np.zeros(len(rows), dtype=bool)
            refused = np.zeros(len(rows), dtype=bool)
            for at in range(3):
                mask = number == at
                if not mask.any() or TIERS[at] not in names:
                    continue
                c = chances(
                    world.tiers[at],
                    difficulty=q.difficulty[mask],
                    shift=shift[mask],
                    found=found[mask],
                    stale=stale[mask],
                    refusals=behavior.refusals,
                )
                right[mask] = u[0][mask] < c.right
                refused[mask] = u[1][mask] < c.abstains
            length = world.written_tokens * record.settings.answer_length * behavior.length
            tokens = length * np.exp(0.35 * _normal(u[2]) - 0.06)
            parts.append(
                pd.DataFrame(
                    {
                        "item": ids,
                        "segment": segment_column(q.cell),
                        "intent": intent_column(q.cell),
                        "tier": np.array(TIERS)[number],
                        "version": behavior.version,
                        "refused": refused,
                        "tokens_out": np.round(tokens).astype(int),
                        "malformed": ~refused & (u[3] < behavior.malformed),
                        "uncited": ~refused & (u[4] < behavior.uncited),
                        "bullets": behavior.bullets,
                        "seconds": [
                            world.tiers[at].ttft + t / world.tiers[at].speed
                            for at, t in zip(number, tokens, strict=True)
                        ],
                        "_right": right,
                    }
                )
            )
        frame = pd.concat(parts, ignore_index=True)
        truth = frame.pop("_right").to_numpy()
        if label:
            says = labels(world, frame["item"].to_numpy(), truth)
            frame["label"] = np.where(frame["refused"], "none", np.where(says, "right", "wrong"))
            self.spent.append((len(days) - 1, "labels", price))
        return self._named(frame)

    # --- inside ---

    def _choose(
        self,
        days: Sequence[DayRecord],
        n: int | None,
        *,
        by: str,
        segments: Mapping[str, int] | Sequence[str] | None,
        since: int,
        until: int | None,
        items: Sequence[int] | None,
    ) -> tuple[Ints, NDArray[np.float64]]:
        if not days:
            raise ActionRefusedError("Nothing has been asked yet. Run a day first.")
        if items is not None:
            chosen = self._known(days, items)
            if n is not None and _count(n) != len(chosen):
                raise ActionRefusedError(
                    f"You name {len(chosen)} items and n is {n}. Leave n out, or make them agree."
                )
            return chosen, np.ones(len(chosen))
        one_of("way to draw", by, _WAYS)
        since = whole("The first day", since, 0)
        stop = len(days) if until is None else whole("The day to stop before", until, 1)
        if not since < stop <= len(days):
            raise ActionRefusedError(
                f"Days {since} to {stop} are not all lived; you have 0 to {len(days) - 1}."
            )
        quotas = self._quotas(n, by, segments)
        total = sum(count for _, count in quotas)
        ids, where, score = self._pool(days[since:stop])
        rng = stream(self._world.id, "lantern", "sample", self._counter)
        chosen_parts, chance_parts = [], []
        for names, count in quotas:
            wanted = np.isin(where, [SEGMENT_NAMES.index(name) for name in names])
            pool, scores = ids[wanted], score[wanted]
            if count > len(pool):
                raise ActionRefusedError(
                    f"You want {count} answers of {', '.join(names)} and there are {len(pool)}."
                )
            if by == "lowest confidence":
                order = np.argsort(scores, kind="stable")[:count]
                chosen_parts.append(pool[order])
                chance_parts.append(np.full(count, np.nan))
            else:
                chosen_parts.append(rng.choice(pool, count, replace=False))
                chance_parts.append(np.full(count, count / max(len(pool), 1)))
        if total < 1:
            raise ActionRefusedError("Ask for at least one answer.")
        return np.concatenate(chosen_parts), np.concatenate(chance_parts)

    def _quotas(
        self, n: int | None, by: str, segments: Mapping[str, int] | Sequence[str] | None
    ) -> list[tuple[tuple[str, ...], int]]:
        names: tuple[str, ...] = SEGMENT_NAMES
        if segments is not None and not (names := names_of("segment", segments, SEGMENT_NAMES)):
            raise ActionRefusedError("Name at least one segment, or leave segments out for all.")
        if segments is not None and hasattr(segments, "items"):
            quotas: list[tuple[tuple[str, ...], int]] = [
                ((str(name),), _count(count)) for name, count in segments.items()
            ]
            if n is not None and n != sum(count for _, count in quotas):
                raise ActionRefusedError(
                    f"The segments add up to {sum(c for _, c in quotas)} and n is {n}."
                )
            return quotas
        size = _count(n)
        if by == "stratified":
            base, rest = divmod(size, len(names))
            return [((name,), base + (at < rest)) for at, name in enumerate(names)]
        return [(names, size)]

    def _pool(
        self, days: Sequence[DayRecord]
    ) -> tuple[Ints, NDArray[np.int8], NDArray[np.float32]]:
        ids, where, score = [], [], []
        for record in days:
            rows = np.flatnonzero(record.ask.outcome == ANSWERED)
            ids.append(record.day * ITEM_DAY + rows)
            where.append(cell_segments()[record.ask.cell[rows]])
            score.append(record.ask.confidence[rows])
        return np.concatenate(ids), np.concatenate(where), np.concatenate(score)

    def _known(self, days: Sequence[DayRecord], items: Sequence[int]) -> Ints:
        given = plain(items)
        known = isinstance(given, list) and all(isinstance(i, int) for i in given)
        if not known or any(abs(i) > 2**40 for i in given):
            raise ActionRefusedError("Items are numbers from the logs, in a list.")
        chosen = np.unique(np.array(given, dtype=np.int64))
        if not len(chosen):
            raise ActionRefusedError("Name at least one item.")
        for item in chosen:
            day, row = divmod(int(item), ITEM_DAY)
            if not 0 <= day < len(days) or row >= len(days[day].ask):
                raise ActionRefusedError(f"There is no item {item}: take items from the logs.")
            if days[day].ask.outcome[row] != ANSWERED:
                raise ActionRefusedError(f"Item {item} got no answer, so there is none to look at.")
        return chosen

    def _frame(self, days: Sequence[DayRecord], items: Ints) -> DataFrame:
        import pandas as pd

        day, row = items // ITEM_DAY, items % ITEM_DAY
        asks = [days[d].ask for d in day]
        cell = np.array([ask.cell[r] for ask, r in zip(asks, row, strict=True)], dtype=np.int16)

        def pick(name: str) -> NDArray[Any]:
            return np.array([getattr(ask, name)[r] for ask, r in zip(asks, row, strict=True)])

        return pd.DataFrame(
            {
                "item": items,
                "day": day,
                "segment": segment_column(cell),
                "intent": intent_column(cell),
                "confidence": pick("confidence"),
                "tokens_out": pick("tokens_out"),
                "_right": pick("right"),
            }
        )

    def _pay(self, days: Sequence[DayRecord], line: str, dollars: float) -> None:
        self._afford(dollars, line)
        self._counter += 1
        self.spent.append((len(days) - 1, line, dollars))

    def _afford(self, dollars: float, what: str) -> None:
        if dollars > self.left + 1e-9:
            raise ActionRefusedError(
                f"That is ${dollars:,.0f} for {what} and ${self.left:,.0f} is left in the budget. "
                "Buy fewer, or fewer of the dear ones."
            )

    def _named(self, frame: DataFrame) -> DataFrame:
        shown = frame.copy()
        shown.attrs["source"] = f"Lantern, simulated (world {self._world.id})"
        return shown


def _count(n: object) -> int:
    return whole("The number of answers", n, 1)


def _normal(u: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.special import ndtri

    return np.asarray(ndtri(np.clip(u, 1e-9, 1 - 1e-9)))
