"""The logs of a run: tidy frames, made when asked for. None of them holds the hidden truth.

``logs.dictionary`` says what every column means, in which unit, and whether it is stylized.
"""

from __future__ import annotations

import math
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from skillmap.lantern.calendar import date_of, storm_on
from skillmap.lantern.day import ANSWERED, FLAGS, OUTCOMES, UNEXPOSED
from skillmap.lantern.desk import base_agents
from skillmap.lantern.dictionary import dictionary
from skillmap.lantern.frames import categorical, intent_column, segment_column
from skillmap.lantern.monitors import METRICS, Chart, chart, pages
from skillmap.lantern.purchases import ITEM_DAY
from skillmap.lantern.traffic import CELLS, cell_segments, is_disruption, rates
from skillmap.lantern.world import SEGMENT_NAMES, TIERS
from skillmap.stats import psi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray
    from pandas import DataFrame

    from skillmap.lantern.calendar import Event
    from skillmap.lantern.day import DayRecord
    from skillmap.lantern.purchases import Purchases
    from skillmap.lantern.world import World

__all__ = ["FRAMES", "Logs"]

FRAMES = (
    "actions",
    "bookings",
    "days",
    "desk",
    "events",
    "labels",
    "ledger",
    "pages",
    "questions",
    "queue",
    "reviews",
    "segments",
    "serving",
    "surfaces",
    "trial",
    "verdicts",
)
_AGENT_HOUR, _SLOT_HOUR = 22.0, 1.2
"""Dollars for an hour of one more agent, and of one more slot, invented for this course."""
_GROUPS = 16


class Logs:
    """Data frames by name; each is made once, when it is first looked at."""

    def __init__(
        self,
        world: World,
        days: tuple[DayRecord, ...],
        *,
        events: tuple[Event, ...],
        bought: Purchases,
        built: tuple[tuple[int, str, float], ...],
        actions: tuple[dict[str, Any], ...],
    ) -> None:
        self._world, self._days, self._events = world, days, events
        self._bought, self._built, self._actions = bought.copy(), built, actions

    @property
    def dictionary(self) -> DataFrame:
        """What each column of each frame means, its unit, and whether it is stylized."""
        return dictionary()

    @cached_property
    def questions(self) -> DataFrame:
        """One row for each question put to Ask. Large: more than a million rows in 120 days."""
        return self.question_columns()

    def question_columns(self, *names: str) -> DataFrame:
        """Return these columns of ``questions`` and no others, in a fraction of the time.

        Raises ``KeyError`` for a name that is no column.
        """
        import pandas as pd

        ways = self._question_columns()
        wanted = {name: ways[name]() for name in names or ways}
        return self._named(pd.DataFrame(wanted, copy=False))

    def _question_columns(self) -> dict[str, Callable[[], Any]]:
        """How each column of ``questions`` is made, by name."""
        versions = sorted({r.behavior.version for r in self._days})
        counts = [len(r.ask) for r in self._days]

        def each_day(values: Sequence[int], dtype: type[np.signedinteger[Any]]) -> NDArray[Any]:
            return np.repeat(np.array(values, dtype=dtype), counts)

        def day() -> NDArray[Any]:
            return each_day([r.day for r in self._days], np.int16)

        def item() -> NDArray[Any]:
            parts = [np.arange(n, dtype=np.int32) for n in counts]
            rows = np.concatenate(parts or [np.zeros(0, int)])
            return np.asarray(day().astype(np.int32) * ITEM_DAY + rows)

        def version() -> Any:
            codes = [versions.index(r.behavior.version) for r in self._days]
            return categorical(each_day(codes, np.int8), versions)

        def stored(name: str) -> Callable[[], NDArray[Any]]:
            return lambda: self._columns(name)

        def flag(bit: int) -> Callable[[], NDArray[Any]]:
            return lambda: ((self._columns("flags") >> np.uint8(bit)) & np.uint8(1)).astype(bool)

        return {
            "item": item,
            "day": day,
            "minute": stored("minute"),
            "user": stored("user"),
            "segment": lambda: segment_column(self._columns("cell")),
            "intent": lambda: intent_column(self._columns("cell")),
            "phrasing": lambda: (self._columns("cell") % 2).astype(np.int8),
            "arm": stored("arm"),
            "tier": lambda: categorical(self._columns("tier"), TIERS),
            "version": version,
            "outcome": lambda: categorical(self._columns("outcome"), OUTCOMES),
            "confidence": stored("confidence"),
            "tokens_in": stored("tokens_in"),
            "tokens_out": stored("tokens_out"),
            "seconds_to_read": stored("first"),
            "seconds_total": stored("total"),
            "dollars": stored("dollars"),
            "thumb": stored("thumb"),
            **{name: flag(bit) for bit, name in enumerate(FLAGS)},
        }

    @cached_property
    def days(self) -> DataFrame:
        """One row a day: what each monitor watches, and volumes."""
        return self.days_since(0)

    def days_since(self, first: int) -> DataFrame:
        """Return the rows of ``days`` from a day on, in the time that these take."""
        rows = [self._day_row(record) for record in self._days if record.day >= first]
        frame = self._table(rows, _DAY_COLUMNS)
        watched = {day: (n, wrong) for day, n, wrong in self._bought.watched}
        frame["labeled"] = [watched.get(day, (0, 0))[0] for day in frame["day"]]
        frame["labeled_error"] = [
            wrong / n if n else np.nan
            for n, wrong in (watched.get(d, (0, 0)) for d in frame["day"])
        ]
        return self._named(frame)

    @cached_property
    def segments(self) -> DataFrame:
        """One row for each day and segment."""
        import pandas as pd

        kinds = 1 << len(FLAGS)
        shape = (len(SEGMENT_NAMES), len(OUTCOMES), kinds)
        bits = np.arange(kinds)
        said = {name: (bits >> bit) & 1 == 1 for bit, name in enumerate(FLAGS)}
        calm = ~said["rechecked"] & ~said["contacted"]
        segment_of = cell_segments().astype(np.intp)
        count = np.zeros((len(self._days), *shape), dtype=np.int64)
        sure = np.zeros((len(self._days), len(SEGMENT_NAMES)))
        for day, record in enumerate(self._days):
            ask = record.ask
            where = segment_of.take(ask.cell)
            code = (where * len(OUTCOMES) + ask.outcome) * kinds + ask.flags
            count[day] = np.bincount(code, minlength=math.prod(shape)).reshape(shape)
            given = np.where(ask.outcome == ANSWERED, ask.confidence, np.float32(0))
            sure[day] = np.bincount(where, weights=given, minlength=len(SEGMENT_NAMES))
        every = count.sum(axis=2)
        sums = {
            "questions": every.sum(axis=-1),
            **{name: count[:, :, at].sum(axis=-1) for at, name in enumerate(OUTCOMES)},
            "acted": count[:, :, ANSWERED, calm].sum(axis=-1),
            "contacts": every[..., said["contacted"]].sum(axis=-1),
            "complaints": every[..., said["complained"]].sum(axis=-1),
            "reasked": every[..., said["reasked"]].sum(axis=-1),
        }
        sums["mean_confidence"] = sure / np.maximum(sums["answered"], 1)
        frame = {
            "day": np.repeat([r.day for r in self._days], len(SEGMENT_NAMES)),
            "segment": list(SEGMENT_NAMES) * len(self._days),
            **{name: values.ravel() for name, values in sums.items()},
        }
        return self._named(pd.DataFrame(frame))

    @cached_property
    def serving(self) -> DataFrame:
        """One row for each day and hour: load on the model, and whether a storm is on."""
        import pandas as pd

        hours = np.arange(24)
        parts = []
        for record in self._days:
            exposed = record.ask.outcome != UNEXPOSED
            count = np.bincount(record.ask.minute[exposed] // 60, minlength=24)
            parts.append(
                pd.DataFrame(
                    {
                        "day": record.day,
                        "hour": hours,
                        "questions": count,
                        "utilization": record.load.utilization.reshape(24, 6).mean(axis=1),
                        "backlog_seconds": record.load.backlog.reshape(24, 6).max(axis=1),
                        "slots": record.load.slots.reshape(24, 6).mean(axis=1),
                    }
                )
            )
        return self._named(_join(parts, _SERVING))

    @cached_property
    def desk(self) -> DataFrame:
        """One row for each day and hour at the human desk."""
        import pandas as pd

        parts = [
            pd.DataFrame(
                {
                    "day": record.day,
                    "hour": np.arange(24),
                    "contacts": record.desk.contacts,
                    "agents": record.desk.agents,
                    "occupancy": record.desk.occupancy,
                    "wait_minutes": record.desk.wait_mean,
                    "wait_p90_minutes": record.desk.wait_p90,
                    "gave_up_share": record.desk.gave_up,
                }
            )
            for record in self._days
        ]
        return self._named(_join(parts, _DESK))

    @cached_property
    def surfaces(self) -> DataFrame:
        """One row for each day of Journey Notes and of Rebook."""
        rows = [
            {
                "day": record.day,
                "surface": name,
                "units": part.units,
                "calls": part.calls,
                "failures_seen": round(part.failures * 0.6),
                "dollars": part.dollars,
            }
            for record in self._days
            for name, part in (("notes", record.notes), ("rebook", record.rebook))
        ]
        return self._named(
            self._table(rows, ("day", "surface", "units", "calls", "failures_seen", "dollars"))
        )

    @cached_property
    def bookings(self) -> DataFrame:
        """Bookings and commission a day; the market behind them is stylized."""
        each = self._world.scale.commission
        rows = [
            {"day": r.day, "bookings": r.bookings, "commission": r.bookings * each}
            for r in self._days
        ]
        return self._named(self._table(rows, ("day", "bookings", "commission")))

    @cached_property
    def ledger(self) -> DataFrame:
        """Dollars by day, surface and line. Harm appears as far as people claim it."""
        rows: list[dict[str, Any]] = []

        def book(day: int, surface: str, line: str, dollars: float) -> None:
            rows.append({"day": day, "surface": surface, "line": line, "dollars": dollars})

        w = self._world
        for r in self._days:
            contacts = int(r.ask.flag("contacted").sum())
            book(r.day, "ask", "inference", float(r.ask.dollars.sum()))
            book(r.day, "ask", "desk", contacts * w.desk.hand_off)
            book(r.day, "ask", "claims", r.claims)
            people = w.reviewers.people * w.reviewers.hours * w.reviewers.hourly
            book(r.day, "ask", "review", people * r.settings.reviewers)
            book(r.day, "notes", "inference", r.notes.dollars)
            book(r.day, "rebook", "inference", r.rebook.dollars)
            more = max(0.0, r.settings.agents - 1) * base_agents(w.id).sum() * _AGENT_HOUR
            slots = max(0.0, r.settings.slots - 1) * w.serving.slots * 24 * _SLOT_HOUR
            if more + slots:
                book(r.day, "ask", "capacity", more + slots)
        for day, line, dollars in self._bought.spent:
            book(day, "ask", line, dollars)
        for day, _, dollars in self._built:
            book(day, "ask", "build", dollars)
        return self._named(self._table(rows, ("day", "surface", "line", "dollars")))

    @cached_property
    def events(self) -> DataFrame:
        """What was announced, and what the PM did."""
        rows = [
            {"day": e.day, "date": date_of(e.day), "event": e.name, "says": e.says}
            for e in self._events
        ]
        return self._named(self._table(rows, ("day", "date", "event", "says")))

    @cached_property
    def actions(self) -> DataFrame:
        """What the PM did, in order."""
        rows = [{"day": a["day"], "action": a["do"], "with": str(a["with"])} for a in self._actions]
        return self._named(self._table(rows, ("day", "action", "with")))

    @cached_property
    def labels(self) -> DataFrame:
        """Every label bought so far."""
        return self._named(_join(self._bought.label_frames, _LABELS))

    @cached_property
    def verdicts(self) -> DataFrame:
        """Every verdict of the judge bought so far."""
        return self._named(_join(self._bought.verdict_frames, _VERDICTS))

    @cached_property
    def reviews(self) -> DataFrame:
        """One row for each answer that a reviewer read, with its chance to be read."""
        import pandas as pd

        parts = []
        for r in self._days:
            parts.append(
                pd.DataFrame(
                    {
                        "item": r.day * ITEM_DAY + r.reviewed_rows,
                        "day": r.day,
                        "segment": segment_column(r.ask.cell[r.reviewed_rows]),
                        "confidence": r.ask.confidence[r.reviewed_rows],
                        "inclusion": r.reviewed.inclusion,
                        "called_bad": r.reviewed.called_bad,
                    }
                )
            )
        return self._named(_join(parts, _REVIEWS))

    @cached_property
    def queue(self) -> DataFrame:
        """The review queue by day: what arrives flagged, what can be read, what waits."""
        rows = [
            {
                "day": r.day,
                "flagged": r.reviewed.flagged,
                "capacity": r.reviewed.capacity,
                "read": len(r.reviewed_rows),
                "backlog": r.reviewed.backlog,
                "utilization": r.reviewed.flagged / max(r.reviewed.capacity, 1e-9),
            }
            for r in self._days
        ]
        names = ("day", "flagged", "capacity", "read", "backlog", "utilization")
        return self._named(self._table(rows, names))

    @cached_property
    def trial(self) -> DataFrame:
        """One row for each day, arm and segment while a trial runs; people counted by first day."""
        rows = []
        seen: dict[int, set[int]] = {}
        for r in self._days:
            if r.settings.trial is None:
                continue
            started = r.settings.trial[2]
            known = seen.setdefault(started, set())
            where = cell_segments()[r.ask.cell]
            answered = r.ask.outcome == ANSWERED
            acted = answered & ~r.ask.flag("rechecked") & ~r.ask.flag("contacted")
            logged = r.ask.arm >= 0
            users = r.ask.user
            fresh = np.array([u not in known for u in users.tolist()], dtype=bool)
            _, first = np.unique(users, return_index=True)
            once = np.zeros(len(users), dtype=bool)
            once[first] = True
            known.update(users.tolist())
            for arm, name in ((0, "A"), (1, "B")):
                for at, segment in enumerate(SEGMENT_NAMES):
                    mine = logged & (r.ask.arm == arm) & (where == at)
                    rows.append(
                        {
                            "day": r.day,
                            "trial": started,
                            "arm": name,
                            "segment": segment,
                            "new_people": int((mine & fresh & once).sum()),
                            "questions": int(mine.sum()),
                            "answered": int((mine & answered).sum()),
                            "acted": int((mine & acted).sum()),
                            "contacts": int((mine & r.ask.flag("contacted")).sum()),
                            "complaints": int((mine & r.ask.flag("complained")).sum()),
                        }
                    )
        return self._named(self._table(rows, _TRIAL))

    @cached_property
    def pages(self) -> DataFrame:
        """Who was paged: monitors that are switched on, and whether the page was read."""
        on = sorted(self._days[-1].settings.monitors) if self._days else []
        charts = {name: tuple(self.chart(m) for m in METRICS[name]) for name in on}
        rows = [
            {"day": day, "monitor": monitor, "metric": metric, "read": read}
            for day, monitor, metric, read in pages(charts)
        ]
        return self._named(self._table(rows, ("day", "monitor", "metric", "read")))

    def chart(self, metric: str, *, baseline: tuple[int, int] = (7, 28)) -> Chart:
        """Return the control chart of a column of ``days``."""
        frame = self.days
        return chart(
            metric, frame["day"].to_numpy(), frame[metric].to_numpy(float), baseline=baseline
        )

    # --- inside ---

    def _day_row(self, r: DayRecord) -> dict[str, Any]:
        ask = r.ask
        n = max(len(ask), 1)
        answered = ask.outcome == ANSWERED
        said = max(int(answered.sum()), 1)
        seen = ask.outcome != UNEXPOSED
        first = ask.first[seen] if seen.any() else np.zeros(1, dtype=np.float32)
        p50, p95, p99 = np.percentile(first, (50, 95, 99))
        counts = np.bincount(ask.outcome, minlength=5)
        down, up = int((ask.thumb < 0).sum()), int((ask.thumb > 0).sum())
        exposed = max(int(seen.sum()), 1)
        return {
            "day": r.day,
            "storm": storm_on(self._world, r.day) is not None,
            "version": r.behavior.version,
            "questions": len(ask),
            "answered": int(counts[0]),
            "contacts": int(ask.flag("contacted").sum()),
            "complaints": int(ask.flag("complained").sum()),
            "psi": psi(self._launch_mix, np.bincount(_group(ask.cell), minlength=_GROUPS) + 0.5),
            "tokens_out": float(ask.tokens_out[answered].mean()) if answered.any() else np.nan,
            "abstained_rate": counts[1] / exposed,
            "withheld_rate": counts[2] / exposed,
            "left_rate": counts[3] / exposed,
            "malformed_rate": int(ask.flag("malformed").sum()) / said,
            "uncited_rate": int(ask.flag("uncited").sum()) / said,
            "first_p50": float(p50),
            "first_p95": float(p95),
            "first_p99": float(p99),
            "thumbs_down_rate": down / max(down + up, 1),
            "reasked_rate": int(ask.flag("reasked").sum()) / said,
            "rechecked_rate": int(ask.flag("rechecked").sum()) / said,
            "mean_confidence": float(ask.confidence[seen].mean()) if seen.any() else np.nan,
            "dollars": float(ask.dollars.sum()),
            "dollars_per_question": float(ask.dollars.sum()) / n,
        }

    @cached_property
    def _launch_mix(self) -> NDArray[np.float64]:
        usual = rates(self._world, 0)[0]
        return np.asarray(
            np.bincount(_group(np.arange(CELLS)), weights=usual, minlength=_GROUPS), dtype=float
        )

    def _columns(self, name: str) -> NDArray[Any]:
        parts = [getattr(r.ask, name) for r in self._days]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int8)

    def _table(self, rows: Iterable[dict[str, Any]], columns: tuple[str, ...]) -> DataFrame:
        import pandas as pd

        return pd.DataFrame(list(rows), columns=list(columns))

    def _named(self, frame: DataFrame) -> DataFrame:
        frame.attrs["source"] = f"Lantern, simulated (world {self._world.id})"
        return frame


def _group(cell: NDArray[Any]) -> NDArray[np.int64]:
    """Sixteen groups of intents, disruption ones together at the end."""
    return np.asarray(_grouping()[cell])


@cache
def _grouping() -> NDArray[np.int64]:
    intent = np.arange(CELLS) // 2 % 64
    return np.asarray(np.where(is_disruption(), _GROUPS - 1, intent % (_GROUPS - 1)))


def _join(parts: Iterable[DataFrame], columns: tuple[str, ...]) -> DataFrame:
    import pandas as pd

    frames = list(parts)
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(columns))


_DAY_COLUMNS = (
    "day", "storm", "version", "questions", "answered", "contacts", "complaints", "psi",
    "tokens_out", "abstained_rate", "withheld_rate", "left_rate", "malformed_rate",
    "uncited_rate", "first_p50", "first_p95", "first_p99", "thumbs_down_rate", "reasked_rate",
    "rechecked_rate", "mean_confidence", "dollars", "dollars_per_question",
)  # fmt: skip
_SERVING = ("day", "hour", "questions", "utilization", "backlog_seconds", "slots")
_DESK = (
    "day", "hour", "contacts", "agents", "occupancy", "wait_minutes", "wait_p90_minutes",
    "gave_up_share",
)  # fmt: skip
_LABELS = (
    "item", "day", "segment", "intent", "confidence", "tokens_out", "label", "inclusion", "labeler",
)  # fmt: skip
_VERDICTS = (
    "item", "day", "segment", "intent", "confidence", "tokens_out", "verdict", "inclusion",
)  # fmt: skip
_REVIEWS = ("item", "day", "segment", "confidence", "inclusion", "called_bad")
_TRIAL = (
    "day", "trial", "arm", "segment", "new_people", "questions", "answered", "acted", "contacts",
    "complaints",
)  # fmt: skip
