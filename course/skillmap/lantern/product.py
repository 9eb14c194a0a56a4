"""Lantern, as a PM operates it: run days, pull levers, buy truth, read logs.

>>> lantern = Lantern(10).run(2)
>>> lantern.day, len(lantern.logs.days)
(2, 2)
>>> lantern.set_threshold({"S5": 1.4})
Traceback (most recent call last):
skillmap.errors.ActionRefusedError: The threshold of S5 is 1.4: it has to be from 0 to 1.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from numbers import Real
from typing import TYPE_CHECKING, Any, Self

from skillmap.errors import ActionRefusedError
from skillmap.lantern import rollout
from skillmap.lantern import settings as levers
from skillmap.lantern.calendar import Event, announcements
from skillmap.lantern.clock import Clock
from skillmap.lantern.day import Carry, DayRecord, live
from skillmap.lantern.ledger import BUILD
from skillmap.lantern.purchases import AGAIN, DRAWN, Purchases
from skillmap.lantern.settings import (
    Policy,
    Settings,
    named,
    names_of,
    one_of,
    per_segment,
    plain,
    whole,
    within,
    yes_or_no,
)
from skillmap.lantern.updates import RETIRES
from skillmap.lantern.world import LAYERS, SEGMENT_NAMES, World, parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pandas import DataFrame

    from skillmap.lantern.dashboard import Board
    from skillmap.lantern.logs import Logs

__all__ = ["LABEL_BUDGET", "Lantern"]

LABEL_BUDGET = 6_000.0
"""Dollars for labels and verdicts in one run."""
INVESTMENTS = 3


class Lantern:
    """One simulated product in one world. Everything it reports is simulated evidence.

    The same world and the same actions on the same days give the same logs, to the last digit.
    ``demand_responds`` lets volume follow effort (stylized); without it nothing a PM does changes
    who asks what tomorrow. A refused action raises ``ActionRefusedError`` and changes nothing.
    """

    def __init__(
        self,
        world: int | World,
        *,
        demand_responds: bool = False,
        label_budget: float = LABEL_BUDGET,
        launched: bool = True,
    ) -> None:
        number = world.id if isinstance(world, World) else whole("The world", world, 0, 2**63)
        self._world = world if isinstance(world, World) else parameters(number)
        self.demand_responds = demand_responds
        self.launched = launched
        self._clock = Clock()
        self._settings = Settings() if launched else Settings(exposure=(0.0,) * 5)
        self._carry = Carry()
        self._days: list[DayRecord] = []
        self._actions: list[dict[str, Any]] = []
        self._built: list[tuple[int, str, float]] = []
        self._bought = Purchases(self._world, within("The label budget", label_budget, 0, 1e6))
        self._logs: Logs | None = None

    # --- looking ---

    @property
    def world(self) -> int:
        """The number of the world."""
        return self._world.id

    @property
    def day(self) -> int:
        """The next day to be lived; 120 is the board review."""
        return self._clock.day

    @property
    def settings(self) -> Settings:
        """Every lever as it stands now."""
        return self._settings

    @property
    def events(self) -> tuple[Event, ...]:
        """What the PM has been told so far."""
        return tuple(e for e in announcements(self._world) if e.day <= self.day)

    @property
    def logs(self) -> Logs:
        """What the product has recorded, as data frames."""
        from skillmap.lantern.logs import Logs

        if self._logs is None:
            self._logs = Logs(
                self._world,
                tuple(self._days),
                events=self.events,
                bought=self._bought,
                built=tuple(self._built),
                actions=tuple(self._actions),
            )
        return self._logs

    def dashboard(self) -> Board:
        """Return a picture of the run so far: nine small charts, events marked in each."""
        from skillmap.lantern.dashboard import Board

        return Board(self)

    @property
    def money_left(self) -> float:
        """Dollars left for labels and verdicts."""
        return self._bought.left

    def __repr__(self) -> str:
        return f"Lantern(world {self.world}, day {self.day} of {self._clock.last}, simulated)"

    # --- time ---

    def run(self, days: int = 1) -> Self:
        """Live through ``days`` days with the levers as they stand."""
        clock = self._clock.after(days)
        self._note("run", days=clock.day - self.day)
        for day in range(self.day, clock.day):
            record, self._carry = live(
                self._world, self._settings, day, self._carry, demand_responds=self.demand_responds
            )
            self._days.append(record)
            if self._settings.label_days and "accuracy" in self._settings.monitors:
                self._bought.watch(record, self._settings.label_days)
        self._clock = clock
        return self

    def fork(self) -> Lantern:
        """Return a copy that goes its own way from here; the days lived so far are shared."""
        twin = Lantern(self._world, demand_responds=self.demand_responds, launched=self.launched)
        twin._clock, twin._settings, twin._carry = self._clock, self._settings, self._carry
        twin._days, twin._built = list(self._days), list(self._built)
        twin._actions, twin._bought = list(self._actions), self._bought.copy()
        return twin

    # --- levers ---

    def set_threshold(self, value: float | dict[str, float]) -> Self:
        """Answer only at or above this confidence: one number, or some segments by name."""
        new = per_segment("The threshold", self._settings.thresholds, value, 0, 1)
        return self._pull("set_threshold", {"value": value}, thresholds=new)

    def recalibrate(self, segment: str, slope: float, intercept: float) -> Self:
        """Map a segment's confidence: σ(slope · logit c + intercept)."""
        one_of("segment", segment, SEGMENT_NAMES)
        s = self._settings
        slopes = per_segment("The slope", s.slopes, {segment: slope}, 0.05, 5)
        intercepts = per_segment("The intercept", s.intercepts, {segment: intercept}, -6, 6)
        said = {"segment": segment, "slope": slope, "intercept": intercept}
        return self._pull("recalibrate", said, slopes=slopes, intercepts=intercepts)

    def set_policy(
        self,
        kind: str = "direct",
        first: str = "heron",
        second: str = "condor",
        bar: float = 0.85,
        careful: Iterable[str] = (),
    ) -> Self:
        """Choose who answers: a direct tier, an up-front router, or a cascade."""
        chosen = names_of("segment", careful, SEGMENT_NAMES)
        policy = Policy(kind, first, second, bar, frozenset(chosen))  # type: ignore[arg-type]
        said = {"kind": kind, "first": first, "second": second, "bar": bar}
        new = policy.kind != self._settings.policy.kind and policy.kind in BUILD
        price = BUILD[policy.kind] if new else 0.0
        return self._pull("set_policy", said | {"careful": sorted(chosen)}, price, policy=policy)

    def set_index(self, **change: Any) -> Self:
        """Change how articles are cut, searched and filtered; see ``IndexConfig``."""
        known = asdict(self._settings.index)
        change = named("index setting", change, tuple(known))
        index = replace(self._settings.index, **change)
        price = BUILD["index"]
        for name, what in (
            ("glossary", "glossary"),
            ("date_filter", "date filter"),
            ("reranker", "reranker"),
        ):
            if change.get(name) and not known[name]:
                price += BUILD[what]
        return self._pull("set_index", dict(change), price, index=index)

    def reindex(self) -> Self:
        """Build the index anew from the articles in force; counts from tomorrow."""
        return self._pull("reindex", {}, BUILD["index"], reindexed_on=self.day)

    def set_fallback(self, fallback: str) -> Self:
        """Say where a question goes that gets no answer: desk, article or clarify."""
        one_of("fallback", fallback, levers.FALLBACKS)
        price = BUILD["clarify"] if fallback == "clarify" else 0.0
        return self._pull("set_fallback", {"fallback": fallback}, price, fallback=fallback)

    def set_cache(self, ttl: str, hours: Sequence[int] | None = None) -> Self:
        """Cache the prompt's prefix: off, 5min or 1h, all day or in some hours (0 to 23)."""
        one_of("cache", ttl, levers.CACHES)
        given = plain(range(24) if hours is None else hours)
        for hour in (given := given if isinstance(given, list) else [given]):
            if isinstance(hour, bool) or not isinstance(hour, int) or not 0 <= hour <= 23:
                raise ActionRefusedError(f"There is no hour {hour!r}: a day has hours 0 to 23.")
        chosen = frozenset(given)
        new = tuple(ttl if h in chosen else old for h, old in enumerate(self._settings.cache))
        return self._pull("set_cache", {"ttl": ttl, "hours": sorted(chosen)}, cache=new)

    def set_storm_plan(self, plan: str) -> Self:
        """Decide before the storm what gives when slots run short."""
        one_of("storm plan", plan, levers.STORM_PLANS)
        return self._pull("set_storm_plan", {"plan": plan}, storm_plan=plan)

    def pin_model(self, pinned: bool = True) -> Self:
        """Use the dated snapshot instead of the provider's alias, until it retires."""
        pinned = yes_or_no("Pinning", pinned)
        if pinned and self.day >= RETIRES:
            raise ActionRefusedError(
                f"The snapshot retired on day {RETIRES}; there is nothing left to pin."
            )
        return self._pull("pin_model", {"pinned": pinned}, BUILD["pin"], pinned=pinned)

    def stage_rollout(self, share: float, segments: Iterable[str] | None = None) -> Self:
        """Show Lantern to this share of people, in all segments or some; 0 takes it away."""
        if not isinstance(share, Real) or share not in (0, *rollout.STAGES):
            raise ActionRefusedError(
                f"There is no stage {share!r:.40}. Stages are 0.5, 1, 5, 25, 50 and 100 percent "
                "(write 0.005 to 1), and 0."
            )
        names: tuple[str, ...] = SEGMENT_NAMES
        if segments is not None and not (names := names_of("segment", segments, SEGMENT_NAMES)):
            raise ActionRefusedError("Name at least one segment, or leave segments out for all.")
        wanted = dict.fromkeys(names, share)
        new = per_segment("The share", self._settings.exposure, wanted, 0, 1)
        return self._pull("stage_rollout", {"share": share, "segments": list(names)}, exposure=new)

    def start_trial(self, share: float = 0.5) -> Self:
        """Give style B (source shown, hedges) to this share of people; the others keep A."""
        within("The share of arm B", share, 0.005, 0.95)
        if self._settings.trial is not None:
            raise ActionRefusedError("A trial is running. Stop it before you start another.")
        if self._settings.style == "B":
            raise ActionRefusedError("Everybody has style B already; there is nothing to try.")
        trial = ("B", float(share), self.day)
        return self._pull("start_trial", {"share": share}, BUILD["trial"], trial=trial)

    def stop_trial(self) -> Self:
        """End the trial; everybody has the style that is set."""
        if self._settings.trial is None:
            raise ActionRefusedError("No trial is running.")
        return self._pull("stop_trial", {}, trial=None)

    def set_style(self, style: str) -> Self:
        """Give everybody answer style A or B; ends a trial."""
        one_of("style", style, rollout.STYLES)
        return self._pull("set_style", {"style": style}, style=style, trial=None)

    def staff_desk(self, times: float) -> Self:
        """Staff the desk at a multiple of base, from tomorrow's roster on."""
        new = within("Desk staffing, as a multiple of base,", times, 0.25, 4)
        return self._pull("staff_desk", {"times": times}, agents=new)

    def staff_reviewers(self, times: float) -> Self:
        """Staff the review queue at a multiple of base."""
        new = within("Reviewer staffing, as a multiple of base,", times, 0, 4)
        return self._pull("staff_reviewers", {"times": times}, reviewers=new)

    def set_review(self, policy: str) -> Self:
        """Choose which answers reviewers read."""
        one_of("review policy", policy, levers.REVIEWS)
        return self._pull("set_review", {"policy": policy}, review=policy)

    def set_monitors(self, *names: str, labels_a_day: int = 0) -> Self:
        """Choose what pages somebody; the accuracy monitor needs labels every day."""
        names_of("monitor", names, levers.MONITORS)
        labels = whole("The number of labels a day", labels_a_day, 0, 2_000)
        said = {"names": list(names), "labels_a_day": labels}
        return self._pull("set_monitors", said, monitors=frozenset(names), label_days=labels)

    def set_answer_length(self, times: float) -> Self:
        """Write answers this many times as long as now (0.3 drops prose and citations)."""
        new = within("Answer length, as a multiple,", times, 0.3, 2)
        return self._pull("set_answer_length", {"times": times}, answer_length=new)

    def set_slots(self, times: float) -> Self:
        """Reserve this multiple of serving slots."""
        new = within("Slots, as a multiple of base,", times, 0.5, 4)
        return self._pull("set_slots", {"times": times}, slots=new)

    def set_notes(
        self, tier: str | None = None, *, batch: bool | None = None, length: float | None = None
    ) -> Self:
        """Choose tier, batch and length for Journey Notes."""
        s = self._settings
        tier = s.notes_tier if tier is None else tier
        one_of("tier", tier, ("wren", "heron", "condor"))
        batch = s.notes_batch if batch is None else yes_or_no("Batch", batch)
        size = s.notes_length if length is None else within("Note length", length, 0.3, 2)
        said = {"tier": tier, "batch": batch, "length": size}
        return self._pull("set_notes", said, notes_tier=tier, notes_batch=batch, notes_length=size)

    def invest(self, layer: str) -> Self:
        """Put one of three units of investment in a layer, which then takes longer to copy."""
        one_of("layer", layer, LAYERS)
        if layer in self._settings.invested:
            raise ActionRefusedError(f"You have invested in {layer} already.")
        if len(self._settings.invested) >= INVESTMENTS:
            raise ActionRefusedError("All three units are spent.")
        return self._pull("invest", {"layer": layer}, invested=(*self._settings.invested, layer))

    # --- truth, for money ---

    def buy_labels(self, n: int | None = None, **how: Any) -> DataFrame:
        """Have people label ``n`` answers, or the ``items`` named; see :meth:`Purchases.labels`."""
        said = named("way to choose answers", {"n": n, **how}, (*DRAWN, "labeler"))
        frame = self._bought.labels(self._days, **said)
        self._note("buy_labels", **said)
        return frame

    def judge(self, n: int | None = None, **how: Any) -> DataFrame:
        """Have the model judge grade ``n`` answers, or the ``items`` named; cheap and biased."""
        said = named("way to choose answers", {"n": n, **how}, DRAWN)
        frame = self._bought.verdicts(self._days, **said)
        self._note("judge", **said)
        return frame

    def run_golden(self, *, graded_by: str = "people") -> DataFrame:
        """Run the 300 golden items with today's model, index and policy, and have them graded."""
        frame = self._bought.golden(self._settings, self.day, graded_by)
        self._note("run_golden", graded_by=graded_by)
        return frame

    def rerun(self, items: Sequence[int], **how: Any) -> DataFrame:
        """Answer logged questions again: another version, the right passage, or today's."""
        said = named("way to run again", {"items": items, **how}, AGAIN)
        frame = self._bought.rerun(self._days, **said)
        self._note("rerun", **said)
        return frame

    # --- memory ---

    def save_log(self, path: Path | str) -> Path:
        """Write what was done, and a fingerprint of what came of it, as JSON."""
        from skillmap.lantern.memory import save

        return save(self, path)

    # --- inside ---

    def _pull(
        self, name: str, said: dict[str, Any], dollars: float = 0.0, /, **change: Any
    ) -> Self:
        if self.day >= self._clock.last:
            raise ActionRefusedError(
                f"Day {self._clock.last} has passed: no lever moves anything any more."
            )
        said = plain(said)
        self._settings = replace(self._settings, **change)
        if dollars:
            self._built.append((self.day, name, dollars))
        self._note(name, **said)
        return self

    def _note(self, name: str, **said: Any) -> None:
        self._actions.append({"day": self.day, "do": name, "with": said})
        self._logs = None
