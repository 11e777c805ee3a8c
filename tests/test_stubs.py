"""The type stubs say what is there."""

import pytest

from tools.stubs import ROOT, STUBS


@pytest.mark.parametrize("name", STUBS)
def test_stubs_are_up_to_date(name):
    assert (ROOT / name).read_text() == STUBS[name](), "out of date: run `python -m tools.stubs`"
