"""Numbers that a learner reads, as they are printed."""

from __future__ import annotations

import re

import pytest
from tests.modules.modules import MODULES

from skillmap.lessons import lesson


@pytest.mark.parametrize("module", MODULES)
def test_no_fact_is_printed_in_powers_of_ten_or_as_no_number(module: str) -> None:
    found = lesson(module)
    odd = {
        (name, world): value
        for world in range(3000, 3015)
        for name, value in found.facts(world).items()
        if re.search(r"\de[+-]\d|\bnan\b|\binf\b", str(value))
    }
    assert not odd
