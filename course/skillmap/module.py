"""The façade that a notebook uses: open a module, ask, check, hint, reveal, award."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cached_property, partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skillmap import panels
from skillmap.answers import Answer, AnswerSheet
from skillmap.errors import SkillMapError, UnknownItemError
from skillmap.grading.feedback import Outcome
from skillmap.ids import BesideId
from skillmap.lessons import Item, Lesson, Prompt, fill, lesson
from skillmap.lessons.exhibits import PICTURES, Unrun
from skillmap.lessons.render import saved_html, saved_line, saved_text
from skillmap.lessons.values import clean_value
from skillmap.workspace import Workspace, find_workspace, given_facts, who_am_i
from skillmap.worlds import world_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skillmap.grading import Feedback, Key
    from skillmap.ids import ItemId, LearnerId, ModuleId

__all__ = ["Asked", "Module", "open_module"]

OPEN_COHORT = "open"
"""The cohort of everyone who belongs to none."""


def open_module(
    module: str,
    *,
    learner: str = "",
    answers_dir: str | os.PathLike[str] = ".",
    cohort: str = "",
) -> Module:
    """Open a module for the learner at the keyboard.

    Without ``learner``, it is the Hub's user, else the workspace's, else this account. The answer
    sheet is ``answers.json`` in ``answers_dir``. ``cohort`` is the salt of the worlds.
    """
    here = lesson(module)
    folder = Path(answers_dir)
    workspace = find_workspace(folder)
    person = who_am_i(learner, workspace)
    salt = cohort if cohort not in {"", OPEN_COHORT} else workspace.cohort or OPEN_COHORT
    return Module(here.module, person, folder, cohort=salt, workspace=workspace)


class Asked:
    """What ``m.ask`` returns: widgets where a front end is there, the saved answers elsewhere."""

    def __init__(self, module: Module, item: Item, parts: tuple[str, ...]) -> None:
        self.module, self.item, self.parts = module, item, parts

    @property
    def html(self) -> str:
        """The prompts with their saved answers, as inert HTML."""
        question = "".join(f"<p>{escape(text)}</p>" for text in self._above() if text)
        rows = []
        for name in self.parts:
            prompt = self.module.prompt(name)
            rows.append(saved_html(prompt.label, prompt, self.module.sheet.get(name)))
        html = f'<div class="skillmap-saved">{question}{"".join(rows)}</div>'
        return panels.plain_dollars(html)

    @property
    def text(self) -> str:
        """The same as plain text."""
        lines = [text for text in self._above() if text]
        for name in self.parts:
            prompt = self.module.prompt(name)
            lines.append(f"{prompt.label}\n  {saved_line(prompt, self.module.sheet.get(name))}")
        return "\n".join(lines)

    def _above(self) -> tuple[str, str]:
        """Return the question of a whole item, and the forecast that is saved for it."""
        if self.parts[0] != self.item.parts[0].id:
            return "", ""
        answer = self.module.sheet.get(self.item.id)
        forecast = ""
        if answer is not None and answer.predicted is not None:
            forecast = f"You expect {answer.predicted:.0f} percent of the points."
        return fill(self.item.question, self.module.facts), forecast

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        data = {"text/plain": self.text, "text/html": self.html}
        if not _front_end():
            return data
        try:
            from skillmap import widgets

            bundle = widgets.prompts(self.module, self.item, self.parts)._repr_mimebundle_()
            data = {"text/plain": self.text, "text/html": self.html}  # the sheet was read again
        except Exception as error:  # fields that break must not hide the question
            note = (
                f"The fields could not be shown ({type(error).__name__}: {str(error)[:200]}). "
                f'Answer in code: m.answer("{self.parts[0]}", your value).'
            )
            return {
                "text/plain": f"{data['text/plain']}\n{note}",
                "text/html": f"{data['text/html']}<p>{escape(note)}</p>",
            }
        if isinstance(bundle, tuple):
            return {**bundle[0], **data}, bundle[1]
        return {**bundle, **data}

    def __repr__(self) -> str:
        return self.text


class Module:
    """One module as one learner takes it. Notebooks make it with :func:`open_module`."""

    def __init__(
        self,
        module: ModuleId | BesideId,
        learner: LearnerId,
        folder: Path,
        *,
        cohort: str = OPEN_COHORT,
        workspace: Workspace | None = None,
        lesson_: Lesson | None = None,
    ) -> None:
        self.id, self.learner, self.cohort = module, learner, cohort
        self._folder = folder.resolve()
        self.workspace = workspace or Workspace(mode="course")
        self.lesson = lesson_ or lesson(module)
        self.world = world_of(learner, module, salt=cohort)
        self.sheet = AnswerSheet.open(
            folder / "answers.json",
            module=module.value,
            learner=str(learner),
            world=self.world,
            known=self.lesson.ids,
        )

    # What the learner is told -----------------------------------------------------------------

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """The numbers of this world that a PM is told, by name."""
        if os.environ.get(PICTURES) == "words":  # grading has worked them out already
            given = given_facts(self._folder, self.id.value, self.world)
            if given is not None:
                return given
        return self.lesson.facts(self.world)

    def prompt(self, name: ItemId | str) -> Prompt:
        """Return a part's prompt with this world's facts put into its texts."""
        prompt = self.lesson.prompt(name)
        return type(prompt).model_validate(_filled(prompt.model_dump(), self.facts))

    def ask(self, name: ItemId | str) -> Asked:
        """Show the prompts of an item, or of one of its parts, with what is saved in them."""
        item = self.lesson.item(name)
        own = str(name) == item.id
        parts = tuple(part.id for part in item.parts) if own else (self.lesson.part(name).id,)
        return Asked(self, item, parts)

    def lab(self, name: str, **options: Any) -> Any:
        """Show one of the lesson's pictures, desks or benches, by name."""
        labs = self.labs
        if name not in labs:
            known = ", ".join(sorted(labs)) or "none yet"
            raise UnknownItemError(self.lesson.title, f"no lab is called {name!r}", f"Try {known}.")
        if os.environ.get(PICTURES) == "words":
            return Unrun(f"Lab {name!r}", partial(labs[name], self, **options))
        return labs[name](self, **options)

    def anchors(self, question_id: str) -> Any:
        """Show four answers to grade before your own; the reference comes when all are leveled.

        Raises ``UnknownItemError`` for a question without a rubric.
        """
        if os.environ.get(PICTURES) == "words":
            return Unrun(f"Anchors of {question_id}", partial(self._anchors, question_id))
        return self._anchors(question_id)

    def _anchors(self, question_id: str) -> Any:
        if _front_end():
            from skillmap.widgets.anchor_desk import AnchorDesk

            return AnchorDesk(self, question_id)
        from skillmap.bank.anchors import anchors

        found, four = anchors(question_id, self.world)
        return panels.list_panel(
            f"{found.text} Four answers to grade by the rubric",
            [(f"Answer {letter}", one.text) for letter, one in zip("ABCD", four, strict=True)],
            f"With fields in JupyterLab; in a terminal: skillmap practice --anchors {question_id}",
        )

    @property
    def labs(self) -> Mapping[str, Any]:
        """What :meth:`lab` can show: the lesson's own, and in ``start`` the map and the plan."""
        if self.id is not BesideId.START:
            return self.lesson.labs
        from skillmap.learning.labs import LABS

        return LABS

    # What the learner answers -----------------------------------------------------------------

    def answer(self, name: ItemId | str, value: Any, unit: str | None = None) -> panels.Panel:
        """Save an answer from code; the same checks as the fields have.

        Raises ``AnswerError`` with the place, what was seen and what to do; nothing is lost.
        """
        part = self.lesson.part(name)
        clean, kept_unit = clean_value(
            self.prompt(part.id), value, unit, place=self.lesson.place(part.id)
        )
        self.sheet.put(part.id, clean, kept_unit)
        prompt = self.prompt(part.id)
        return panels.note_panel(prompt.label, saved_line(prompt, self.sheet.get(part.id)))

    def predict(self, name: ItemId | str, percent: float) -> panels.Panel:
        """Save a forecast of one's own score on an item, 0 to 100 percent."""
        item = self.lesson.item(name)
        self.sheet.predict(item.id, percent)
        return panels.note_panel(item.title, f"You expect {percent:g} percent of the points.")

    # What comes back --------------------------------------------------------------------------

    def check(self, name: ItemId | str) -> panels.Panel:
        """Say how an item stands. Never raises: a cell that checks must not stop a notebook."""
        try:
            return self._check(self.lesson.item(name))
        except SkillMapError as error:
            return panels.note_panel("This cannot be checked yet", str(error))
        except Exception as error:  # a fault of ours must not cost a learner their run
            return panels.note_panel(
                "The check broke, and that is our fault",
                f"{type(error).__name__}: {str(error)[:300]}",
                "Your answers are saved. Go on, and tell your instructor this line.",
            )

    def _check(self, item: Item) -> panels.Panel:
        self.sheet.reload()
        key = self._key()
        if key is None:
            return self._self_check(item)
        from skillmap.grading import grade_item

        feedback = grade_item(item, key, self.sheet, self.world)
        forecast = self._forecast(item, feedback.percent)
        if feedback.outcome is Outcome.NEEDS_REVIEW:
            forecast = []
        return panels.feedback_panel(item.title, feedback, *forecast, *self._kept(feedback))

    def _kept(self, feedback: Feedback) -> list[str]:
        """Keep the result for the learner's map; return a line only if that could not be done."""
        if os.environ.get("SKILLMAP_STATIC") or self.sheet.path is None:
            return []
        from skillmap.learning.marks import keep

        folder = self.sheet.path.parent
        unkept = keep(self.id.value, folder, self.workspace, [feedback], str(self.learner))
        return [unkept] if unkept else []

    def _self_check(self, item: Item) -> panels.Panel:
        """What can be said without a key; parts go by the labels that the learner sees."""
        from skillmap.grading import check_own

        answers = {name: self._answer(name) for name in self.sheet.ids()}
        again = os.environ.get(PICTURES) == "words"  # grading reads words outside the notebook
        feedback = check_own(item, answers, levels=not again)
        labels = {
            part.id.removeprefix(item.id).strip("."): self.prompt(part.id).label
            for part in item.parts
        }
        named = tuple(replace(c, name=labels.get(c.name, c.name)) for c in feedback.criteria)
        return panels.feedback_panel(item.title, replace(feedback, criteria=named))

    def _answer(self, name: str) -> Answer:
        return self.sheet.get(name) or Answer()

    def _forecast(self, item: Item, percent: float) -> list[str]:
        answer = self.sheet.get(item.id)
        if answer is None or answer.predicted is None:
            return []
        return [f"You predicted {answer.predicted:.0f}%; so far it stands at {percent:.0f}%."]

    def hint(self, name: ItemId | str) -> panels.Panel:
        """Fold away an item's hints, each inside the one before it, so that none is seen unasked.

        Each says more than the one before. Opening one costs no points.
        """
        item = self.lesson.item(name)
        if os.environ.get(PICTURES) == "words":  # facts may need Lantern, and nobody reads these
            return panels.note_panel(item.title, "Hints are not filled in again in grading.")
        texts = [fill(text, self.facts) for text in item.hints]
        return panels.folded_panel(
            [(f"Hint {n} of {len(texts)}", text) for n, text in enumerate(texts, start=1)],
            empty=f"{item.title}: there is no hint for this one.",
        )

    def reveal(self, name: ItemId | str) -> panels.Panel:
        """Show a worked answer with this world's numbers, once the item has been tried."""
        item = self.lesson.item(name)
        self.sheet.reload()
        if not any(self._given(part.id) for part in item.parts):
            return panels.note_panel(
                item.title, "Try it first. A worked answer teaches after an attempt, not before."
            )
        key = self._key()
        if key is None:
            return panels.note_panel(
                item.title, "The worked answer comes with your feedback, once the item is closed."
            )
        worked = key.worked(item.id, self.world)
        if not worked:
            return panels.note_panel(item.title, "There is no worked answer for this one yet.")
        from markdown_it import MarkdownIt

        html = MarkdownIt("commonmark", {"html": False}).enable("table").render(worked)
        return panels.folded_html(f"{item.title}: a worked answer", html, worked)

    def award(self, name: ItemId | str) -> panels.Panel:
        """Show what is saved for a graded item; stands in the graded cell at the notebook's end."""
        item = self.lesson.item(name)
        self.sheet.reload()
        given = [part for part in item.parts if self._given(part.id)]
        if not given:
            state = "blank"
        elif len(given) == len(item.parts):
            state = "everything is answered"
        else:
            state = f"{len(given)} of {len(item.parts)} parts answered"
        return panels.list_panel(
            f"{item.title}, {item.points:g} points: {state}",
            [(self.prompt(part.id).label, self.saved(part.id)) for part in given],
            "Points come after hand-in.",
        )

    def progress(self) -> panels.Panel:
        """List every item with what is still open; read it before you hand in."""
        self.sheet.reload()
        rows = []
        for item in self.lesson.items:
            given = sum(self._given(part.id) for part in item.parts)
            state = "done" if given == len(item.parts) else f"{given} of {len(item.parts)} answered"
            rows.append((item.title, f"{state}, {item.points:g} points"))
        return panels.list_panel(f"{self.lesson.title}, so far", rows, *self.sheet.problems)

    def value(self, name: ItemId | str) -> Any:
        """Return the saved value of one part, or ``None``; for learners who like code."""
        answer = self._entry(name)
        return answer.value if answer is not None else None

    def saved(self, name: ItemId | str) -> str:
        """Return the saved answer of one part in words."""
        part = self.lesson.part(name)
        return saved_text(self.prompt(part.id), self.sheet.get(part.id))

    def _entry(self, name: ItemId | str) -> Answer | None:
        return self.sheet.get(self.lesson.part(name).id)

    def _given(self, name: str) -> bool:
        answer = self.sheet.get(name)
        return answer is not None and answer.given

    def _key(self) -> Key | None:
        """Return the key where one is present: a self-paced workspace that names its source."""
        folder = self.workspace.key_folder(self.id.value)
        if folder is None:
            return None
        from skillmap.grading import load_key

        return load_key(folder)

    def _repr_html_(self) -> str:
        return panels.plain_dollars(self._card().html)

    def __repr__(self) -> str:
        return self._card().text

    def _card(self) -> panels.Panel:
        answered = sum(self._given(p.id) for item in self.lesson.items for p in item.parts)
        total = sum(len(item.parts) for item in self.lesson.items)
        return panels.note_panel(
            f"{self.lesson.title} · {self.learner}",
            "Nothing here is graded or handed in."
            if self.id is BesideId.START
            else f"Your world is {self.world}. Its numbers are yours alone.",
            f"{answered} of {total} answers are saved.",
            *self.sheet.problems,
        )


def _filled(value: Any, facts: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        return fill(value, facts)
    if isinstance(value, dict):
        return {k: _filled(v, facts) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(v, facts) for v in value]
    return value


def _front_end() -> bool:
    """Whether a live front end may be there: a kernel, and nobody asked for static pages."""
    if os.environ.get("SKILLMAP_STATIC"):
        return False
    import sys

    if "IPython" not in sys.modules:
        return False
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    return shell is not None and getattr(shell, "kernel", None) is not None
