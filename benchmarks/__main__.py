"""`python -m benchmarks`: measure, print a table, write JSON. The exit status is 1 if a bound was missed."""

import argparse
import os
import sys
from pathlib import Path

from .cases import CASES
from .measure import ROOT, THREADS, load_peers, measure
from .report import as_json, as_markdown, environment, headline, notes, rewrite_readme, table


def parser() -> argparse.ArgumentParser:
    names = [case.name for case in CASES]
    result = argparse.ArgumentParser(prog="python -m benchmarks", description="pullback beside PyTorch, in one run.")
    result.add_argument("--only", metavar="NAME", choices=names, nargs="+", help=f"only these of: {', '.join(names)}")
    result.add_argument("--quick", action="store_true", help="fewer and shorter rounds: a rough idea in a few seconds")
    result.add_argument("--json", type=Path, default=ROOT / "out" / "benchmarks.json", help="where the figures go")
    result.add_argument("--readme", action="store_true", help="put the table into the README")
    return result


def main() -> int:
    options = parser().parse_args()
    for library in ("OMP", "MKL", "OPENBLAS"):  # read when NumPy or PyTorch is loaded, and not again
        os.environ[f"{library}_NUM_THREADS"] = str(THREADS)
    peers = load_peers()
    missing = [name for name, module in peers.items() if module is None]
    results = []
    for case in CASES:
        if not options.only or case.name in options.only:
            print(f"measuring {case.name}", file=sys.stderr)
            results.append(measure(case, peers, options.quick))
    print(headline(environment(missing)), table(results), *notes(results, missing), sep="\n\n")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(as_json(results, missing, options.quick))
    print(f"\nfigures written to {options.json}")
    if options.readme:
        rewrite_readme(ROOT / "README.md", as_markdown(results, missing))
    return int(any(result.passed is False for result in results))


if __name__ == "__main__":
    sys.exit(main())
