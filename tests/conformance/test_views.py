"""Views, in-place writes, custom functions, `out=` and hooks: the same small programs in both libraries."""

import pytest

from .programs import check, programs

VIEWS, FUNCTIONS, MEMORY = programs("views"), programs("functions"), programs("memory")


@pytest.mark.parametrize("title", VIEWS)
def test_views(title):
    check(VIEWS[title])


@pytest.mark.parametrize("title", FUNCTIONS)
def test_custom_functions(title):
    check(FUNCTIONS[title])


@pytest.mark.parametrize("title", MEMORY)
def test_memory(title):
    check(MEMORY[title])
