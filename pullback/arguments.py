"""What functions take besides tensors: sizes, dtypes, devices, numbers, flags; checked with torch's errors."""

import inspect

from . import devices, dtypes
from .graph import Tensor


def wrong(function, argument, expected, value, position=None):
    """The TypeError for an argument of the wrong type. `position` counts from 1; None if it was given by name."""
    place = "" if position is None else f" (position {position})"
    return TypeError(f"{function}(): argument '{argument}'{place} must be {expected}, not {type(value).__name__}")


def missing(function, *names):
    """The TypeError for arguments that were not given."""
    quoted = ", ".join(f'"{name}"' for name in names)
    return TypeError(f"{function}() missing {len(names)} required positional arguments: {quoted}")


def _is_int(value):
    return type(value) is int or (hasattr(value, "__index__") and not isinstance(value, bool))


def size(function, args):
    """The sizes given as `f(2, 3)` or `f((2, 3))`, as a tuple of ints. Raises TypeError on what is none, RuntimeError below 0."""
    if len(args) == 1 and isinstance(args[0], (tuple, list)):
        shape = size_tuple(function, args[0])
    elif not args:
        raise missing(function, "size")
    elif not _is_int(args[0]):
        if len(args) > 1:
            raise TypeError(f"{function}() takes 1 positional argument but {len(args)} were given")
        raise wrong(function, "size", "tuple of ints", args[0], 1)
    else:
        shape = size_tuple(function, args)
    if shape and min(shape) < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(shape)}: {list(shape)}")
    return shape


def size_tuple(function, given):
    """A tuple or list of sizes as a tuple of ints. Raises TypeError on anything else."""
    if not isinstance(given, (tuple, list)):
        raise wrong(function, "size", "tuple of ints", given, 1)
    for place, item in enumerate(given):
        if not _is_int(item):
            kind = type(item).__name__
            if place == 0 and not isinstance(item, str):
                raise TypeError(f"{function}(): argument 'size' must be tuple of ints, but found element of type {kind} at pos 0")
            raise TypeError(f"{function}(): argument 'size' failed to unpack the object at pos {place + 1} with error \"type "
                            f"must be tuple of ints,but got {kind}\"")
    return tuple([item.__index__() for item in given])


def dtype(function, given):
    """The NumPy dtype for the argument `dtype`; the default dtype's for None. Raises TypeError on what is no dtype."""
    if given is None:
        return dtypes.get_default_dtype().numpy
    if isinstance(given, dtypes.dtype) or given in (float, int, bool, complex):
        return dtypes.numpy_of(given)
    raise wrong(function, "dtype", "torch.dtype", given)


def device(function, given):
    """Check the argument `device`: the CPU or nothing. Raises as torch's CPU build does."""
    if given is None:
        return
    if not isinstance(given, (str, devices.device, int)):
        raise wrong(function, "device", "torch.device", given)
    devices.check(given)


def flag(function, name, given):
    """Check a flag. Raises TypeError unless it is a bool."""
    if given is not True and given is not False:
        raise wrong(function, name, "bool", given)


def number(function, name, given, position):
    """A Python number, out of a tensor of one element if need be. Raises TypeError on anything else."""
    if isinstance(given, Tensor):
        return given.item()
    if isinstance(given, (float, int, bool, complex)):
        return given
    if hasattr(given, "item") or hasattr(given, "__float__") or hasattr(given, "__index__"):
        return given.item() if hasattr(given, "item") else float(given)
    raise wrong(function, name, "Number", given, position)


def integer(function, name, given, position):
    """A Python int. Raises TypeError on what is no whole number."""
    if not _is_int(given):
        raise wrong(function, name, "int", given, position)
    return given.__index__()


def positional(forward, args, kwargs, skip=0):
    """All arguments of a call of a user's `forward` in the order it takes them, defaults included, after `skip` others.

    Raises TypeError on names that it does not take by position.
    """
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = [p for p in inspect.signature(forward).parameters.values() if p.kind in kinds][len(args) + skip:]
    for name in kwargs.keys() - {parameter.name for parameter in parameters}:
        raise TypeError(f"forward() got an unexpected keyword argument '{name}'")
    given = [kwargs.get(parameter.name, parameter.default) for parameter in parameters]
    missing = next((i for i, value in enumerate(given) if value is inspect.Parameter.empty), len(given))
    return (*args, *given[:missing])
