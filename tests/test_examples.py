"""The examples, run as a reader would run them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def run_example(name, *arguments):
    """Run an example with `pullback run`, and return what it printed."""
    command = [sys.executable, "-m", "pullback", "run", str(ROOT / "examples" / name), *map(str, arguments)]
    search = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": search})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_digits(tmp_path):
    for package in ("sklearn", "tqdm", "matplotlib"):
        pytest.importorskip(package, reason="the example needs the packages of the extra `demo`")
    out = run_example("digits.py", "--out", tmp_path)
    assert "read back from" in out
    assert (tmp_path / "digits.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "digits.pt").stat().st_size > 10_000


def test_gradient_modes():
    out = run_example("gradient_modes.py", "--batch", 512, "--width", 128)
    assert "UserWarning: volatile was removed (Variable.volatile is always False)" in out
    assert "(x * w).volatile                             True" in out
    assert "doubled(x).requires_grad is False" in out
    assert "Only Tensors of floating point and complex dtype can require gradients" in out
    assert "x * w, one element, time" in out


def test_explain(tmp_path):
    out = run_example("explain.py", "--out", tmp_path)
    lines = (ROOT / "examples" / "explain.py").read_text().splitlines()

    def place(text):
        return f"explain.py:{next(number for number, line in enumerate(lines, 1) if text in line)}"

    assert f"{place('nn.functional.gelu')}  hidden = nn.functional.gelu(self.widen(x))" in out
    assert "Net.blocks.0                72.0 KiB          64.0 KiB" in out
    assert f"{place('total += loss')}: the graph grows with every iteration" in out
    assert f"{place('Softplus.apply(x)')}: Softplus.backward gives a wrong gradient of argument 1" in out
    assert {path.name for path in tmp_path.iterdir()} == {"graph.svg", "graph.html", "memory.svg"}
