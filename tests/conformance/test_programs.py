"""Views, writes, memory, custom functions, hooks and bad input: the same small programs in both libraries."""

import pytest

from .programs import check, programs

PROGRAMS = {f"{file}: {title}": text for file in ("views", "memory", "functions", "hooks", "modules", "bad_input")
            for title, text in programs(file).items()}


@pytest.mark.parametrize("title", PROGRAMS)
def test_program(title):
    check(PROGRAMS[title])
