"""Writes the type stubs: `python -m tools.stubs`. With `--check` it writes nothing, and fails if they are out of date.

Methods and functions are bound when pullback is imported, out of sight of type checkers and editors. So what is there after
the import is written down: the tensor in `graph.pyi`, the operations in `ops/__init__.pyi`, the package in `__init__.pyi`.
"""

import argparse
import inspect
import sys
import types
from importlib import import_module
from inspect import Parameter
from pathlib import Path

import pullback
from pullback.graph import Tensor
from pullback.ops import FUNCTIONS

ROOT = Path(pullback.__file__).parent
HEAD = "# Written by `python -m tools.stubs`; changes by hand are lost.\n"
TENSOR_IMPORTS = """import builtins
from collections.abc import Iterator
from typing import Any

import numpy

from .devices import device as Device
from .dtypes import dtype as Dtype
from .shapes import Size

"""
OPERATION_IMPORTS = """import builtins
from typing import Any

from ..dtypes import dtype as Dtype
from ..graph import Tensor

"""
PACKAGE_IMPORTS = """import builtins
from typing import Any

from .dtypes import dtype as Dtype
from .dtypes import dtype as dtype
from .graph import Tensor as Tensor
from .version import __version__ as __version__
"""
PYTHONS_OWN = ("__module__", "__doc__", "__slots__", "__new__", "__init__", "__firstlineno__", "__static_attributes__")
OTHERS = "def __getattr__(name: builtins.str) -> Any: ...\n"
INT, BOOL, FLOAT, STR, NUMBER = (f"builtins.{name}" for name in ("int", "bool", "float", "str", "complex"))
OPERAND = f"Tensor | {NUMBER}"

# What comes back where it is not one tensor, for functions and methods alike.
RETURNS = {
    "builtins.tuple[Tensor, ...]": "split chunk unbind broadcast_tensors meshgrid tensor_split split_with_sizes hsplit vsplit "
    "dsplit",
    "Any": "item tolist size stride numpy max min median mode sort topk kthvalue std_mean var_mean nonzero unique type where "
    "unique_consecutive cummax cummin aminmax frexp register_hook register_post_accumulate_grad_hook __dlpack__ "
    "__dlpack_device__ __reduce_ex__ storage untyped_storage result_type promote_types get_default_dtype "
    "vmap",
    INT: "numel nelement dim ndimension element_size data_ptr storage_offset get_device __len__ __int__ __index__ __hash__",
    BOOL: "is_contiguous is_floating_point is_complex is_signed is_inference is_set_to is_same_size is_pinned is_shared equal "
    "allclose is_nonzero is_tensor can_cast is_grad_enabled is_inference_mode_enabled __bool__ __contains__ _is_view",
    "None": "backward retain_grad __setitem__ set_default_dtype",
    STR: "__repr__ __format__",
    FLOAT: "__float__",
    NUMBER: "__complex__",
    "Iterator[Tensor]": "__iter__",
    "numpy.ndarray": "__array__",
    "builtins.list[builtins.str]": "__dir__",
}
RETURN_OF = {name: kind for kind, names in RETURNS.items() for name in names.split()}
PARAMETERS = {"other": OPERAND, "exponent": OPERAND, "keepdim": BOOL, "requires_grad": BOOL, "dtype": "Dtype | None"}
PROPERTIES = {
    "Tensor": "data T mT H mH real imag",
    "Tensor | None": "grad",
    BOOL: "requires_grad is_leaf is_cuda is_sparse is_quantized is_meta volatile retains_grad",
    INT: "ndim itemsize nbytes _version output_nr",
    "Size": "shape",
    "Dtype": "dtype",
    "Device": "device",
}
PROPERTY_OF = {name: kind for kind, names in PROPERTIES.items() for name in names.split()}
BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor", "matmul", "lshift", "rshift")
OPERATORS = {f"__{side}{name}__" for name in BINARY for side in ("", "r", "i")} | {
    f"__{name}__" for name in ("eq", "ne", "lt", "le", "gt", "ge")
}


def definition(name, function, out=False, indent=""):
    """One `def` line for `function` under `name`; `out` says that it takes an `out` beside its own parameters."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = [Parameter("args", Parameter.VAR_POSITIONAL), Parameter("kwargs", Parameter.VAR_KEYWORD)]
    if out and all(p.name != "out" for p in parameters):
        parameters.append(Parameter("out", Parameter.KEYWORD_ONLY, default=None))
        parameters.sort(key=lambda p: p.kind)
    ignore = "  # type: ignore[override]" if name in ("__eq__", "__ne__") else ""
    return f"{indent}def {name}({rendered(parameters, method=bool(indent))}) -> {RETURN_OF.get(name, 'Tensor')}: ...{ignore}\n"


def rendered(parameters, method):
    """The parameters as they stand between the brackets."""
    parts, starred = [], False
    for position, p in enumerate(parameters):
        if p.kind is Parameter.KEYWORD_ONLY and not starred:
            parts.append("*")
        starred = starred or p.kind in (Parameter.KEYWORD_ONLY, Parameter.VAR_POSITIONAL)
        star = {Parameter.VAR_POSITIONAL: "*", Parameter.VAR_KEYWORD: "**"}.get(p.kind, "")
        kind = "" if method and position == 0 and p.name == "self" else f": {type_of(p)}"
        default = "" if p.default is Parameter.empty else " = ..."
        parts.append(f"{star}{p.name}{kind}{default}")
    return ", ".join(parts)


def type_of(parameter):
    """The type of a parameter, from its name and its default; Any where these do not tell."""
    if parameter.name in PARAMETERS:
        return PARAMETERS[parameter.name]
    if isinstance(parameter.default, bool):
        return BOOL
    return "Any"


def as_method(function):
    """The parameters of a function of a tensor as those of a method."""

    def method(*args, **kwargs): ...

    parameters = list(inspect.signature(function).parameters.values())
    first = parameters[0]
    if first.kind is not Parameter.VAR_POSITIONAL:
        parameters[0] = first.replace(name="self", default=Parameter.empty, kind=Parameter.POSITIONAL_OR_KEYWORD)
    method.__signature__ = inspect.Signature(parameters)
    return method


def tensor_stub():
    """`graph.pyi`: the class with all that was bound to it."""
    lines = [HEAD, TENSOR_IMPORTS, "class Tensor:\n"]
    for name, value in sorted(vars(Tensor).items()):
        if name in Tensor.__slots__ or name in PYTHONS_OWN:
            continue
        lines += member(name, value)
    lines += [f"    {name}: Any\n" for name in Tensor.__slots__ if name.startswith("_") and not name.endswith("__")]
    return "".join([*lines, "\n", OTHERS])


def member(name, value):
    """The lines for one attribute of the class."""
    if isinstance(value, property) or inspect.isdatadescriptor(value) or inspect.ismemberdescriptor(value):
        kind = PROPERTY_OF.get(name, "Any")
        return [f"    {name}: {kind}\n"]
    if isinstance(value, (staticmethod, classmethod)) or not callable(value):
        return [f"    {name}: Any\n"]
    if name in OPERATORS:
        return [definition(name, lambda self, other: None, indent="    ")]
    function = FUNCTIONS.get(name) or FUNCTIONS.get(name.removesuffix("_"))
    if function is not None and (name in FUNCTIONS or function.inplace):
        return [definition(name, as_method(function.call), indent="    ")]
    return [definition(name, as_method(value), indent="    ")]


def operations_stub():
    """`ops/__init__.pyi`: every operation as a function."""
    lines = [HEAD, OPERATION_IMPORTS]
    lines += [definition(name, f.call, f.out) for name, f in sorted(FUNCTIONS.items())]
    return "".join([*lines, "\n", OTHERS])


def package_stub():
    """`__init__.pyi`: every public name of the package, from where it is."""
    names = [name for name in dir(pullback) if not name.startswith("_") and hasattr(pullback, name)]
    lines = [public(name, getattr(pullback, name)) for name in names]
    return HEAD + PACKAGE_IMPORTS + "".join(sorted(lines, key=lambda line: (not line.startswith("from"), line)))


def public(name, value):
    """The line for one public name of the package."""
    if name in ("Tensor", "dtype"):
        return ""
    if isinstance(value, types.ModuleType):  # other modules are there or not, depending on what else was imported
        return f"from . import {name} as {name}\n" if name in pullback._SUBMODULES else ""
    if name in FUNCTIONS and FUNCTIONS[name].call is value:
        return f"from .ops import {name} as {name}\n"
    if isinstance(value, pullback.dtype):
        return f"{name}: Dtype\n"
    home = getattr(value, "__module__", None) or ""
    if inspect.isclass(value) and home.startswith("pullback.") and getattr(import_module(home), name, None) is value:
        return f"from {home.removeprefix('pullback')} import {name} as {name}\n"
    return definition(name, value) if inspect.isfunction(value) else f"{name}: Any\n"


STUBS = {"graph.pyi": tensor_stub, "ops/__init__.pyi": operations_stub, "__init__.pyi": package_stub}


def main():
    parser = argparse.ArgumentParser(prog="python -m tools.stubs", description="Write the type stubs.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if they are out of date")
    check = parser.parse_args().check
    stale = [name for name, make in STUBS.items() if not (ROOT / name).exists() or (ROOT / name).read_text() != make()]
    for name in stale:
        print(f"pullback/{name} {'is out of date: run python -m tools.stubs' if check else 'written'}")
        if not check:
            (ROOT / name).write_text(STUBS[name]())
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
