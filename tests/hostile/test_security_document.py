"""``docs/security.md`` lists every attack, with the result that its test asserts."""

from __future__ import annotations

import re

from tests.hostile.table import DOCUMENT, attacks, in_document, recorded, table


def test_the_table_is_that_of_the_tests() -> None:
    assert in_document() == table(recorded()).strip(), (
        "run: python benchmarks/hostile_plain.py --table"
    )


def test_there_are_enough_of_them_and_each_is_another() -> None:
    every = [attack for found in attacks().values() for attack in found]
    assert len(every) >= 60
    assert len({attack.name for attack in every}) == len(every)
    made_of = [
        (
            attack.code,
            tuple(attack.cells.items()),
            repr(attack.sheet),
            attack.called,
            attack.edit,
            attack.place,
            attack.forged,
        )
        for attack in every
    ]
    assert len(set(made_of)) == len(every)


def test_what_plain_nbgrader_did_is_known_for_attacks_that_exist() -> None:
    names = {attack.name for found in attacks().values() for attack in found}
    assert set(recorded()) <= names
    assert len(recorded()) >= 30


def test_the_numbers_in_the_text_are_those_of_the_table() -> None:
    total = sum(len(found) for found in attacks().values())
    text = DOCUMENT.read_text(encoding="utf-8")
    assert re.findall(r"(\d+) hostile hand-ins", text) == [str(total)]
    through = sum(result != "nothing" for result in recorded().values())
    assert f"{through} of the {len(recorded())} that were tried" in text
