"""A program in the manner of 2017 runs through `pullback run --era 0.3` as it stands."""

import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parent / "programs" / "of_2017.py"


def run(tmp_path, *options):
    command = [sys.executable, "-W", "ignore", "-m", "pullback", "run", *options, str(PROGRAM), str(tmp_path / "model.pth")]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=PROGRAM.parents[2])


def test_it_runs_in_its_era(tmp_path):
    done = run(tmp_path, "--era", "0.3")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "0 True"
    assert lines[-1] == "element 0 of variables tuple is volatile"
    assert "torch.Size([2, 4, 5])" in lines
    assert "[ True  True  True]" in lines
    assert any(line.startswith("<class 'float'>") for line in lines)


def test_it_does_not_run_in_ours(tmp_path):
    done = run(tmp_path)
    assert done.returncode == 1
    assert "invalid index of a 0-dim tensor" in done.stderr
