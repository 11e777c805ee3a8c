"""Runs the programs in pages of documentation, and writes below each what it prints: `python -m tools.pages`.

A program is a block of ```python that a block of ```text follows. With `--check` nothing is written, and a page whose outputs
are out of date is a failure.
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
PAGES = tuple(ROOT / "docs" / name for name in ("explain.md", "gradient-modes.md"))
PROGRAM = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)
FRAMES = re.compile(r"Traceback \(most recent call last\):\n(?: .*\n)*")
NAME = "train.py"


def output(source):
    """What a program prints, without the frames of tracebacks."""
    with TemporaryDirectory() as folder:
        path = Path(folder).resolve() / NAME
        path.write_text(source)
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
        done = subprocess.run([sys.executable, path], capture_output=True, text=True, env=environment, check=False)
        return FRAMES.sub("", done.stdout + done.stderr).replace(str(path), NAME)


def current(page):
    """The page with the outputs that its programs have now."""
    return PROGRAM.sub(lambda found: f"```python\n{found[1]}```\n\n```text\n{output(found[1])}```", page)


def main(argv=None):
    """Write the pages, or check them; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, and fail if a page is out of date")
    options = parser.parse_args(argv)
    stale = 0
    for path in PAGES:
        page = path.read_text()
        fresh = current(page)
        if fresh != page:
            stale += 1
            if not options.check:
                path.write_text(fresh)
            print(f"{path.relative_to(ROOT)} {'is out of date' if options.check else 'written'}")
    return 1 if stale and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
