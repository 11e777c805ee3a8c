"""`compile(fn)`: one program for each kind of call, traced at the first and run at the others."""

import functools
import weakref

from ..graph import Leaf, Tensor, is_leaf, storage_of, wrap
from ..mode import pop, push, settled
from .ir import Program, substitute
from .plan import build
from .trace import Tracer, TraceValue


def compile(model=None, *, fullgraph=False, dynamic=None, backend="numpy", mode=None, options=None, disable=False):
    """`model`, a function or module, made to run as one program; also a decorator. Arguments are those of torch.compile.

    The first call with arguments of a kind (shapes, dtypes, flags, Python values) runs the function while recording what it
    does: operations, backward, the optimiser's update, writes to parameters. Later calls replay the recording. Results,
    gradients and updates are those of the function itself.

    A call that is not one closed program runs as it is: one whose result still has a history to go back through, one that
    keeps a tensor it made, or one given tensors that have a history. Python values read from elsewhere than the arguments
    are taken as they were at the recording.

    Raises RuntimeError, naming the line, where the function asks for a tensor's value (`item()`, `if loss > 1`).
    """
    if model is None:
        return functools.partial(compile, fullgraph=fullgraph, dynamic=dynamic, backend=backend, mode=mode, options=options,
                                 disable=disable)
    return model if disable else Compiled(model)


class Compiled:
    """A function with its programs. What is asked of it beyond calling, the function answers."""

    def __init__(self, function):
        self.__dict__["_function"] = function
        self.__dict__["programs"] = {}
        self.__dict__["traces"] = 0
        if hasattr(function, "__name__"):
            functools.update_wrapper(self, function)

    def __call__(self, *args, **kwargs):
        mode = settled()
        tensors = []
        key = (_kind(args, tensors), _kind(kwargs, tensors), mode.grad, mode.inference)
        if mode.special or any(not is_leaf(tensor) for tensor in tensors):
            return self._function(*args, **kwargs)
        for program in self.programs.get(key, ()):
            if program.holds():
                return program.run(tensors)
        return self._trace(key, args, kwargs, tensors)

    def _trace(self, key, args, kwargs, tensors):
        tracer = Tracer()
        push(tracer=tracer)
        self.__dict__["traces"] += 1
        try:
            for tensor in dict.fromkeys(tensors):
                tracer.bind(tensor)
            result = self._function(*args, **kwargs)
            closed = Recording(tracer, list(dict.fromkeys(tensors)), result)
        finally:
            pop()
            tracer.restore()
        if closed.reason is None:
            closed.finish()
            self.programs.setdefault(key, []).insert(0, closed)
        return result

    def __get__(self, instance, owner=None):
        return self if instance is None else functools.partial(self, instance)

    def __getattr__(self, name):
        return getattr(self.__dict__["_function"], name)

    def __setattr__(self, name, value):
        setattr(self._function, name, value)

    def __repr__(self):
        return f"compiled {self._function!r}"


def _kind(tree, tensors):
    """What must be equal for two calls to be of one kind; collects the tensors in `tree`."""
    if isinstance(tree, Tensor):
        tensors.append(tree)
        array = tree._array
        return array.shape, array.dtype, array.strides, tree._edge is not None, tree._grad is None
    if isinstance(tree, (tuple, list)):
        return (type(tree), *[_kind(item, tensors) for item in tree])
    if isinstance(tree, dict):
        return (dict, *[(name, _kind(item, tensors)) for name, item in tree.items()])
    try:
        hash(tree)
    except TypeError:
        return type(tree), id(tree)
    return type(tree), tree


class Recording:
    """A finished trace: the program, what it leaves on tensors besides its results, and when it may be used again.

    `reason` says why it may not, or is None.
    """

    def __init__(self, tracer, arguments, result):
        self.tracer, self.arguments, self.reason = tracer, arguments, None
        self.values, self.returned = [], set()
        self.result = substitute(result, self._leaf)
        lifted = {id(tensor) for tensor, *_ in tracer.lifted}
        self.gradients = [self._gradient(tensor, before) for tensor, _, before, _ in tracer.lifted]
        self.writes = [self._owner(tensor) for tensor, _, _, version in tracer.lifted
                       if (0 if tensor._storage is None else tensor._storage.version) != version]
        given = {id(tensor) for tensor in arguments}
        self.flags = [self._flags(tensor, array, before, lifted) for tensor, array, before, _ in tracer.lifted
                      if id(tensor) not in given]
        kept = lifted | {id(tensor._grad) for tensor, *_ in tracer.lifted} | self.returned
        if any((tensor := ref()) is not None and id(tensor) not in kept for ref in tracer.makes):
            self.reason = "it keeps a tensor that it made"

    def _leaf(self, leaf):
        """A place in the result: a new tensor, an argument, or whatever else was returned."""
        if not isinstance(leaf, Tensor):
            return lambda arrays, tensors: leaf
        for number, argument in enumerate(self.arguments):
            if leaf is argument:
                return lambda arrays, tensors: tensors[number]
        self.returned.add(id(leaf))
        if not isinstance(leaf._array, TraceValue) or any(leaf is tensor for tensor, *_ in self.tracer.lifted):
            return lambda arrays, tensors: leaf
        if leaf._edge is not None:
            self.reason = "its result has a history to go back through"
        place = self._add(leaf)
        return lambda arrays, tensors: wrap(arrays[place])

    def _add(self, tensor):
        self.values.append(tensor._array.value)
        return len(self.values) - 1

    def _gradient(self, tensor, before):
        """What a run does to the tensor's `.grad`: nothing, clears it, or sets it to one of the program's results."""
        after = tensor._grad
        if after is before:
            return None
        return self._owner(tensor), None if after is None or not isinstance(after._array, TraceValue) else self._add(after)

    def _owner(self, tensor):
        """How a run finds the tensor: its number among the arguments, or a weak reference."""
        for number, argument in enumerate(self.arguments):
            if tensor is argument:
                return number
        return weakref.ref(tensor)

    def _flags(self, tensor, array, before, lifted):
        """A captured tensor and the state in which the program found it."""
        gradient = weakref.ref(before) if before is not None and id(before) in lifted else before is None
        return weakref.ref(tensor), array, type(tensor._edge) is Leaf, gradient

    def finish(self):
        """Turn the trace into a function, and let go of it."""
        tracer = self.tracer
        self.program = Program(tracer.inputs, tracer.captures, tracer.equations, self.values)
        self.call = build(self.program)
        self.guards = tracer.guards
        self.tracer = self.arguments = None

    def holds(self):
        """Whether the memory, flags and values the program took from elsewhere are as it found them."""
        for ref, array, leaf, gradient in self.flags:
            tensor = ref()
            if tensor is None or tensor._array is not array or (type(tensor._edge) is Leaf) != leaf:
                return False
            if type(gradient) is bool:
                if (tensor._grad is None) != gradient:
                    return False
            elif tensor._grad is not gradient():
                return False
        return all(function() == value for function, value in self.guards)

    def run(self, tensors):
        """One call: the program on the arguments' arrays, then gradients, write counts and results put in place."""
        tensors = list(dict.fromkeys(tensors))
        arrays = self.call(*[tensor._array for tensor in tensors])
        for action in self.gradients:
            if action is not None:
                owner, place = action
                _owned(owner, tensors)._grad = None if place is None else wrap(arrays[place])
        for owner in self.writes:
            storage_of(_owned(owner, tensors)).write()
        return substitute(self.result, lambda leaf: leaf(arrays, tensors))


def _owned(owner, arguments):
    return arguments[owner] if type(owner) is int else owner()
