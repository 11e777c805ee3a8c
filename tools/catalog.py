"""Writes `pullback/ops/catalog.py`: `python -m tools.catalog`. With `--check` it writes nothing, and fails if it is out of date.

The catalog says which family of operations has which name, so that a family can wait until it is needed; and which names
`torch` itself has, beside those of torch.nn.functional and torch.linalg.
"""

import argparse
import sys
import textwrap
from pathlib import Path

from pullback import ops
from pullback.ops import catalog, registry

TARGET = Path(catalog.__file__)
HEAD = '"""Which family has which function and which method. Written by `python -m tools.catalog`."""\n\n'


def families():
    """The modules of operations, whether loaded or not."""
    apart = {"__init__", "apply", "catalog", "elementwise", "out", "public", "pull", "record", "registry"}
    return sorted(path.stem for path in TARGET.parent.glob("*.py") if path.stem not in apart)


def text():
    """The catalog as it should be."""
    for family in families():
        ops.load(family)
    functions, elsewhere, methods = {}, {}, {}
    for function in registry.FUNCTIONS.values():
        if function.namespace == "torch":
            functions.setdefault(function.family, []).append(function.name)
        elif function.namespace != "tensor":
            elsewhere.setdefault(function.family, []).append(function.name)
        methods.setdefault(function.family, []).extend(function.methods())
    tables = {"_FUNCTIONS": functions, "_ELSEWHERE": elsewhere, "_METHODS": methods}
    return HEAD + "\n".join(_table(name, table) for name, table in tables.items()) + (
        "\nTORCH = {name: family for family, names in _FUNCTIONS.items() for name in names.split()}\n"
        "FAMILIES = TORCH | {name: family for family, names in _ELSEWHERE.items() for name in names.split()}\n"
        "METHODS = {name: family for family, names in _METHODS.items() for name in names.split()}\n")


def _table(name, table):
    lines = [f"{name} = {{"]
    for family, names in sorted((family, names) for family, names in table.items() if names):
        parts = textwrap.wrap(" ".join(sorted(names)), 100)
        lines.append(f'    "{family}": (')
        lines += [f'        "{part} "' for part in parts]
        lines.append("    ),")
    return "\n".join([*lines, "}\n"])


def main():
    """Write the catalog, or compare."""
    parser = argparse.ArgumentParser(description="The catalog of operations.")
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    wanted = text()
    if not parser.parse_args().check:
        TARGET.write_text(wanted)
    elif TARGET.read_text() != wanted:
        sys.exit("pullback/ops/catalog.py is out of date: python -m tools.catalog")


if __name__ == "__main__":
    main()
