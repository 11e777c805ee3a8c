"""The program a trace leaves: equations over numbered values, and its text."""

import numpy as np


class Value:
    """One array in a program: its number, shape and dtype."""

    __slots__ = ("number", "shape", "dtype")

    def __init__(self, number, shape, dtype):
        self.number, self.shape, self.dtype = number, shape, dtype

    def __repr__(self):
        return f"%{self.number}"

    def typed(self):
        """The value with its type, as `%3:float32[2,3]`."""
        return f"%{self.number}:{self.dtype}[{','.join(map(str, self.shape))}]"


class Equation:
    """`outputs = call(*args, **kwargs)`; values may stand anywhere in the nested arguments.

    `effect`: the call writes into one of its arguments. `scalar`: the result is to be made a 0-dim array.
    """

    __slots__ = ("name", "call", "args", "kwargs", "outputs", "scalar")

    def __init__(self, name, call, args, kwargs, outputs, scalar=False):
        self.name, self.call, self.args, self.kwargs = name, call, args, kwargs
        self.outputs, self.scalar = outputs, scalar

    def __repr__(self):
        arguments = [_text(arg) for arg in self.args] + [f"{key}={_text(value)}" for key, value in self.kwargs.items()]
        left = ", ".join(value.typed() for value in self.outputs)
        return (f"{left} = " if left else "") + f"{self.name} {', '.join(arguments)}"

    def inputs(self):
        """The values among the arguments, however deep."""
        return list(values_in((self.args, tuple(self.kwargs.values()))))


def _text(argument):
    if isinstance(argument, np.ndarray):
        return f"const:{argument.dtype}[{','.join(map(str, argument.shape))}]"
    return repr(argument)


def values_in(tree):
    """All values in nested tuples, lists and dicts."""
    if isinstance(tree, Value):
        yield tree
    elif isinstance(tree, (tuple, list)):
        for item in tree:
            yield from values_in(item)
    elif isinstance(tree, dict):
        for item in tree.values():
            yield from values_in(item)


def substitute(tree, swap):
    """`tree` with every leaf of nested tuples, lists and dicts replaced by `swap(leaf)`."""
    kind = type(tree)
    if kind is tuple or kind is list:
        return kind([substitute(item, swap) for item in tree])
    if kind is dict:
        return {key: substitute(item, swap) for key, item in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return kind(*[substitute(item, swap) for item in tree])
    return swap(tree)


class Program:
    """Inputs (bound at each call), captures (memory the program reads and writes where it lies), equations, results."""

    def __init__(self, inputs, captures, equations, results):
        self.inputs, self.captures, self.equations, self.results = inputs, captures, equations, results

    def __repr__(self):
        lines = [f"inputs   {', '.join(v.typed() for v in self.inputs)}",
                 f"captures {', '.join(v.typed() for v, _ in self.captures)}"]
        lines += [f"    {equation}" for equation in self.equations]
        return "\n".join([*lines, f"results  {', '.join(map(repr, self.results))}"])

    def check(self):
        """Raise ValueError if a value is used before it is made, or made twice."""
        known = {value.number for value in self.inputs} | {value.number for value, _ in self.captures}
        for equation in self.equations:
            for value in equation.inputs():
                if value.number not in known:
                    raise ValueError(f"{equation}: {value} is not there yet")
            for value in equation.outputs:
                if value.number in known:
                    raise ValueError(f"{equation}: {value} is there already")
                known.add(value.number)
