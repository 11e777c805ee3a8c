"""Operations. The families that nearly every program uses are loaded at once, the others when one of their names is used.

`catalog` says which name is in which family; `python -m tools.catalog` writes it.
"""

import importlib

from . import binary, contract, index, index_write, inplace, join, reduce, shape, unary
from .catalog import FAMILIES


def load(family):
    """Load a family of operations, by the name of its module."""
    return importlib.import_module(f".{family}", __name__)


def load_all():
    """Load every family."""
    for family in sorted(set(FAMILIES.values())):
        load(family)


def __getattr__(name):
    if name in ("FUNCTIONS", "RECORDS"):  # whoever asks for all of them gets all of them
        from . import record, registry

        load_all()
        return registry.FUNCTIONS if name == "FUNCTIONS" else record.RECORDS
    from .registry import FUNCTIONS

    if name in FAMILIES:
        load(FAMILIES[name])
    if name not in FUNCTIONS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    call = globals()[name] = FUNCTIONS[name].call
    return call
