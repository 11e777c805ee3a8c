"""The outer face of an operation: `out=`, NumPy's names for arguments, and the error for what should have been a tensor."""

import functools
import inspect
import re

from .. import errors
from ..graph import Tensor
from ..mode import settled
from .old_order import NUMBERS_FIRST, modern
from .out import store
from .registry import Function, register

_ALIASES = {"axis": "dim", "keepdims": "keepdim", "x": "input", "a": "input", "x1": "input", "x2": "other"}
_TENSORS = {"input", "other", "mat2", "vec", "vec2", "index", "mask", "source", "src", "tensor", "tensor1", "tensor2", "end",
            "weight", "target", "batch1", "batch2", "mat1", "condition", "indices", "exponent"}
_NO_NUMBERS = {"mat1", "mat2", "vec", "vec2", "batch1", "batch2", "mask", "index", "source"}
_INTS = {"axis0", "axis1", "chunks", "dim", "dim0", "dim1", "dimension", "end_dim", "start_dim"}


def function(call=None, *, method=True, inplace=False, out=False, namespace="torch", name=None, element=None):
    """Decorator: make `call` public under torch's name, as `torch.name` and the method of that name.

    `inplace`: there is `Tensor.name_`. `out`: takes an `out` tensor. `namespace`: "torch", "nn" (torch.nn.functional
    only) or "tensor" (a method only). `element`: the element-wise operation it is when given no
    options, which Python's operator is too.
    """
    if call is None:
        return lambda call: function(call, method=method, inplace=inplace, out=out, namespace=namespace, name=name,
                                     element=element)
    name = name or call.__name__
    register(Function(_public(call, name, out), name, method, inplace, out, namespace, element))
    return call


def _public(call, name, out):
    """`call` as users get it."""
    code = inspect.unwrap(call).__code__
    parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    aliases = {alias: true for alias, true in _ALIASES.items() if true in parameters and alias not in parameters}

    @functools.wraps(call)
    def function(*args, **kwargs):
        try:
            if not kwargs:
                return call(*args)
            target = kwargs.pop("out", None) if out else None
            for alias in aliases.keys() & kwargs.keys():
                kwargs[aliases[alias]] = kwargs.pop(alias)
            result = call(*args, **kwargs)
            return result if target is None else _stored(name, (*args, *kwargs.values()), result, target)
        except (AttributeError, TypeError) as error:
            if name in NUMBERS_FIRST and (found := modern(name, args)) is not None:
                return function(*found[0], **kwargs, **found[1])
            if not str(error).startswith(f"{name}(): argument"):  # if it does, it is torch's already
                _check_tensors(name, parameters, args, kwargs)
            if error.__traceback__.tb_next is None and " missing " in str(error):  # the call itself, not something in it
                raise _missing(name, str(error)) from None
            if isinstance(error, AttributeError) and any(name in str(error) for name in ("_array", "ndim", "shape")):
                raise TypeError(f"{name}(): an argument that should be a Tensor is something else") from error
            raise

    return function


def _missing(name, text):
    """torch's error for arguments that were left out, from Python's."""
    left_out = re.findall(r"'(\w+)'", text)
    return TypeError(f"{name}() missing {len(left_out)} required positional arguments: "
                     + ", ".join(f'"{argument}"' for argument in left_out))


def _stored(name, given, result, out):
    inputs = [value for entry in given for value in (entry if isinstance(entry, (list, tuple)) else (entry,))]
    if isinstance(result, Tensor):
        return store(name, settled(), (*inputs, result), result._array, out)
    if not isinstance(out, (tuple, list)):
        raise TypeError(f"{name}() received an invalid combination of arguments - got out={errors.type_name(out)}")
    if len(out) != len(result):
        raise TypeError(f"expected tuple of {len(result)} elements but got {len(out)}")
    for value, target in zip(result, out, strict=True):
        if value._array.dtype != target._array.dtype:
            raise RuntimeError(f"Expected out tensor to have dtype {errors.c_name(value._array.dtype)}, but got "
                               f"{errors.c_name(target._array.dtype)} instead")
        store(name, settled(), inputs, value._array, target)
    return type(result)(*out) if hasattr(result, "_fields") else tuple(out)


def _check_tensors(name, parameters, args, kwargs):
    """Raise torch's TypeError for the first argument that is named as tensors are but is none."""
    for position, (parameter, value) in enumerate([*zip(parameters, args, strict=False), *kwargs.items()]):
        if parameter == "indices" and isinstance(value, (tuple, list)):
            continue
        allowed = Tensor if parameter in _NO_NUMBERS else (Tensor, int, float, bool, complex, type(None))
        if parameter in _TENSORS and not isinstance(value, allowed):
            raise errors.not_tensor(name, parameter, position + 1, value) from None
        if parameter in _INTS and not hasattr(value, "__index__") and not isinstance(value, (tuple, list, type(None))):
            raise errors.not_tensor(name, parameter, position + 1, value, "int") from None
    if args and parameters[:1] == ("input",) and not isinstance(args[0], Tensor):
        raise errors.not_tensor(name, "input", 1, args[0]) from None
