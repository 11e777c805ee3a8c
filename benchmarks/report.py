"""What is said about the measurements: a table to read, JSON to keep, and the block in the README."""

import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from .measure import OURS, PEERS, REFERENCE, THREADS, Result

README_START, README_END = "<!-- benchmarks:start -->", "<!-- benchmarks:end -->"
HEADER = ("work", *PEERS, "ratio", "bound", "verdict")
UNITS = {"s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")), "bytes": ((1e6, "MB"), (1e3, "kB"), (1, "B"))}


def amount(value: float | None, unit: str) -> str:
    """`value` with three significant digits in the largest unit that leaves it above one; a dash for None."""
    if value is None:
        return "-"
    scale, name = next((pair for pair in UNITS[unit] if abs(value) >= pair[0]), UNITS[unit][-1])
    scaled = value / scale
    digits = 0 if abs(scaled) >= 100 else 1 if abs(scaled) >= 10 else 2
    return f"{scaled:.{digits}f} {name}"


def verdict(result: Result) -> str:
    return {True: "pass", False: "FAIL", None: "no comparison"}[result.passed]


def row(result: Result) -> tuple[str, ...]:
    """The cells of one line of the table."""
    times = [amount(result.figure(peer), result.unit) for peer in PEERS]
    ratio = "-" if result.ratio is None else f"{result.ratio:.2f}"
    return (result.case.what, *times, ratio, f"{result.case.bound:g}", verdict(result))


def table(results: Sequence[Result]) -> str:
    """The table as aligned plain text."""
    rows = [HEADER, *map(row, results)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, tuple("-" * width for width in widths))
    return "\n".join(aligned(cells, widths) for cells in rows)


def aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    """One line: the first cell to the left, the figures to the right."""
    first, *rest = (
        cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([first, *rest])


def notes(results: Sequence[Result], missing: Sequence[str]) -> list[str]:
    """What has to be said beside the table: peers that were not there, results that differ."""
    lines = [f"Not installed, so not measured: {name}." for name in missing]
    if REFERENCE in missing:
        lines.append("There is nothing to compare with, so no bound could be checked.")
    lines += [f"{result.case.name}: {problem}" for result in results for problem in result.problems]
    return lines


def processor() -> str:
    """The name of the processor, as well as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def environment(missing: Sequence[str]) -> dict[str, object]:
    """Where and with what the measurements were taken."""
    from pullback.version import PULLBACK

    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": THREADS,
        "system": platform.system(),
        "python": platform.python_version(),
        "numpy": version("numpy"),
        OURS: PULLBACK,
        REFERENCE: None if REFERENCE in missing else version(REFERENCE),
    }


def headline(environment: dict[str, object]) -> str:
    """The environment in one line."""
    peers = ", ".join(f"{name} {environment[name] or 'not installed'}" for name in (*PEERS, "numpy", "python"))
    return f"{environment['processor']}, {environment['cores']} cores, {environment['threads']} threads; {peers}"


def as_json(results: Sequence[Result], missing: Sequence[str], quick: bool) -> str:
    """Everything that was measured. Times are in seconds, memory is in bytes."""
    cases = [
        {
            "name": result.case.name,
            "what": result.case.what,
            "unit": result.unit,
            "bound": result.case.bound,
            "ratio": result.ratio,
            "passed": result.passed,
            "problems": result.problems,
            "peers": {
                peer: {"figure": result.figure(peer), "quartiles": result.quartiles(peer), "rounds": samples}
                for peer, samples in result.samples.items()
            },
        }
        for result in results
    ]
    whole = {"environment": environment(missing), "quick": quick, "missing": list(missing), "cases": cases}
    return json.dumps(whole, indent=2) + "\n"


def as_markdown(results: Sequence[Result], missing: Sequence[str]) -> str:
    """The table and what goes with it, for the README."""
    lines = ["| " + " | ".join(cells) + " |" for cells in (HEADER, *map(row, results))]
    lines.insert(1, "|---|" + "---:|" * (len(HEADER) - 1))
    lines += [
        "",
        f"On {headline(environment(missing))}.",
        "Medians; of memory, the least. The ratio is ours to torch's. (1) beside pullback itself without tracking, whose figure",
        "stands in torch's column.",
    ]
    return "\n".join([*lines, *notes(results, missing)])


def rewrite_readme(path: Path, block: str) -> None:
    """Put `block` between the two marks in the file at `path`. Errors: ValueError if the marks are not there."""
    text = path.read_text()
    before, start, rest = text.partition(README_START)
    _, end, after = rest.partition(README_END)
    if not start or not end:
        raise ValueError(f"{path} has no block between {README_START} and {README_END}")
    path.write_text(f"{before}{start}\n{block}\n{end}{after}")
