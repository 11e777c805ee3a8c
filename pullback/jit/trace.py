"""Tracing: run a function once on values that note every operation done to them.

A trace value stands in for an array. It holds the array of this one run, so that shapes and results are real, and it
speaks NumPy's protocols, so that rules, engine and optimisers need not know it: what reaches it becomes an equation.
"""

import traceback
import weakref

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from .. import errors
from .ir import Equation, Value, substitute

_METHODS = frozenset(("reshape transpose swapaxes astype copy sum mean max min prod any all argmax argmin cumsum conj "
                      "conjugate squeeze ravel flatten take repeat clip round view fill").split())
_FACTS = frozenset("shape dtype ndim size strides itemsize nbytes flags base __array_interface__".split())


class TraceValue(NDArrayOperatorsMixin):
    """An array in a program being recorded."""

    __slots__ = ("array", "value", "tracer", "__weakref__")

    def __init__(self, array, value, tracer):
        self.array, self.value, self.tracer = array, value, tracer

    def __getattr__(self, name):
        if name in _FACTS:
            return getattr(self.array, name)
        if name in _METHODS:
            return lambda *args, **kwargs: self.tracer.note(name, _method(name), (self, *args), kwargs)
        raise AttributeError(f"a traced array has no {name!r}")

    T = property(lambda self: self.tracer.note("transpose", _method("transpose"), (self,), {}))
    real = property(lambda self: self.tracer.note("real", np.real, (self,), {}))
    imag = property(lambda self: self.tracer.note("imag", np.imag, (self,), {}))

    def __len__(self):
        return len(self.array)

    def __getitem__(self, index):
        return self.tracer.note("getitem", _getitem, (self, index), {})

    def __setitem__(self, index, value):
        self.tracer.note("setitem", _setitem, (self, index, value), {})

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        outs = kwargs.get("out")
        result = self.tracer.note(name, getattr(ufunc, method), inputs, kwargs)
        return result if outs is None else outs[0] if len(outs) == 1 else outs

    def __array_function__(self, function, types, args, kwargs):
        return self.tracer.note(function.__name__, function, args, kwargs)

    def __array__(self, dtype=None, copy=None):
        self.tracer.refuse("array()")

    def __bool__(self):
        self.tracer.refuse("bool()")

    def __float__(self):
        self.tracer.refuse("float()")

    def __int__(self):
        self.tracer.refuse("int()")

    __index__ = __int__


def _getitem(array, index):
    return array[index]


def _setitem(array, index, value):
    array[index] = value


def _method(name):
    def call(array, *args, **kwargs):
        return getattr(array, name)(*args, **kwargs)

    return call


class Refused(RuntimeError):
    """The function asked for a value that only a run can know."""


class Tracer:
    """Records one run of a function. While it does, every tensor touched holds a trace value in place of its array."""

    def __init__(self):
        self.equations, self.inputs, self.captures = [], [], []
        self.lifted = []  # (tensor, array, gradient and version before)
        self.makes = []  # weak references to the tensors made
        self.guards = []  # (function, its value now)
        self.count = 0

    # ---- values
    def _value(self, array):
        self.count += 1
        return TraceValue(array, Value(self.count - 1, array.shape, array.dtype), self)

    def bind(self, tensor):
        """Make `tensor` an input: each run brings another."""
        traced = self._swap(tensor)
        self.inputs.append(traced.value)

    def lift(self, tensor):
        """The trace value that stands for the tensor; memory that was there before the trace is captured."""
        if isinstance(tensor._array, TraceValue):
            return tensor._array
        array = tensor._array
        traced = self._swap(tensor)
        self.captures.append((traced.value, array))
        return traced

    def _swap(self, tensor):
        version = 0 if tensor._storage is None else tensor._storage.version
        self.lifted.append((tensor, tensor._array, tensor._grad, version))
        tensor._array = self._value(tensor._array)
        return tensor._array

    def made(self, tensor):
        """Keep track of a tensor made during the trace."""
        self.makes.append(weakref.ref(tensor))

    def constant(self, tensor):
        """A tensor made from nothing that is traced: each run begins with a copy of its values."""
        tensor._array = self.note("copy", np.copy, (tensor._array,), {})
        self.made(tensor)

    def guard(self, function):
        """The program is only good as long as `function()` returns what it does now."""
        self.guards.append((function, function()))

    # ---- equations
    def call(self, op, arrays, params):
        """Run an operation's forward on the arrays behind trace values and note it as one equation."""
        if op.dynamic:
            self.refuse(op.name)
        return self.note(op.name, op.forward, arrays, params)

    def note(self, name, call, args, kwargs):
        """Call on the real arrays, note the call, and return its result as trace values."""
        result = call(*substitute(args, _array_of), **substitute(kwargs, _array_of))
        several = isinstance(result, (tuple, list))
        arrays = [np.asarray(r) for r in result] if several else [] if result is None else [np.asarray(result)]
        scalar = not several and isinstance(result, np.generic)
        traced = [self._value(array) for array in arrays]
        out = kwargs.get("out")
        if out is not None:
            traced = []
        self.equations.append(Equation(name, call, substitute(tuple(args), _value_of), substitute(dict(kwargs), _value_of),
                                       [t.value for t in traced], scalar))
        if several:
            return type(result)(traced) if type(result) in (tuple, list) else tuple(traced)
        return traced[0] if traced else None

    def refuse(self, what):
        """Raise the error for a value that would decide what the program does, naming the line that asked for it."""
        line = next((frame for frame in reversed(traceback.extract_stack()) if "/pullback/" not in frame.filename), None)
        where = f"\n  {line.filename}, line {line.lineno}: {line.line}" if line else ""
        raise Refused(errors.TRACED_VALUE.format(what) + where)

    # ---- the end
    def restore(self):
        """Give every tensor its array again; those made during the trace keep the array of this run."""
        for tensor, array, *_ in self.lifted:
            if isinstance(tensor._array, TraceValue):
                tensor._array = array if tensor._array.array is array else tensor._array.array
        for ref in self.makes:
            tensor = ref()
            if tensor is not None and isinstance(tensor._array, TraceValue):
                tensor._array = tensor._array.array


def _array_of(leaf):
    return leaf.array if isinstance(leaf, TraceValue) else leaf


def _value_of(leaf):
    return leaf.value if isinstance(leaf, TraceValue) else leaf
