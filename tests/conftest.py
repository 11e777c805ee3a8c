"""Fixtures for all tests."""

import textwrap

import pytest

from .scripts import Script


@pytest.fixture
def program(tmp_path):
    """A function that makes a `Script` of a program's text; `import pullback as torch` and the like stand there already."""

    def write(text):
        head = "import pullback as torch\nfrom pullback import explain, nn\n\ntorch.manual_seed(0)\n"
        return Script(tmp_path / "program.py", head + textwrap.dedent(text))

    return write
