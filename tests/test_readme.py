"""What the README says to do, and what CI does, are the same."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def test_ci_runs_the_command_for_the_tests():
    command = re.search(r"^(pip install -e '\.\[dev\]') && (.*pytest.*)$", README, re.MULTILINE)
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert command and command[1] in lines and command[2] in lines


def test_the_files_it_speaks_of_exist():
    for path in re.findall(r"\]\((?!http)([^)#]+)\)", README) + re.findall(r"examples/\w+\.py", README):
        assert (ROOT / path).exists(), path


def test_it_has_the_block_for_the_benchmarks():
    assert README.count("<!-- benchmarks:start -->") == README.count("<!-- benchmarks:end -->") == 1
