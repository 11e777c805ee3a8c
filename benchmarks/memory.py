"""One measurement of memory, in the fresh process that it needs: `python -m benchmarks.memory PEER CASE`.

Prints by how many bytes the case raises the peak of the process's memory above what it held just before: the package, its
libraries warmed up, and the model.
"""

import sys
from importlib import import_module
from pathlib import Path

from .cases import BATCH, CASES, WARM_UP
from .measure import THREADS


def linux_status(field: str) -> int:
    """A field of /proc/self/status, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise LookupError(field)


def resident() -> int:
    """The memory held now, where the system tells; otherwise the most that was ever held."""
    try:
        Path("/proc/self/clear_refs").write_text("5")  # and let the peak start from here
        return linux_status("VmRSS")
    except OSError:
        return peak()


def peak() -> int:
    """The most memory that was held at any time."""
    try:
        return linux_status("VmHWM")
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(peer: str, name: str) -> int:
    """The rise in bytes, for the peer and the case of these names."""
    case = next(case for case in CASES if case.name == name)
    module = import_module(peer)
    if hasattr(module, "set_num_threads"):
        module.set_num_threads(THREADS)
    run = case.build(module)
    run(WARM_UP)
    base = resident()
    run(BATCH)
    return peak() - base


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
