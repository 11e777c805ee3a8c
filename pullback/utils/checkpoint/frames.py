"""Checkpoints that do not nest backwards: every value kept inside is replaced by a place in a list of what to compute again.

A `Frame` stands for one call. Packing a value gives a `Place`; the first that a backward unpacks makes the frame run its
function again, under hooks that put the values kept this time at the places. Each backward computes them anew, and takes
each once. A place that no node holds any more gets no value.
"""

import weakref
from contextlib import nullcontext

from ...autograd.graph import saved_tensors_hooks
from ...graph import Tensor
from ...mode import enable_grad, settled
from ...ops.packing import Hooks, Packed
from ...runs import current_run

_TIP = ("\n\nTip: To see a more detailed error message, either pass `debug=True` to\n`torch.utils.checkpoint.checkpoint(...)` or "
        "wrap the code block\nwith `with torch.utils.checkpoint.set_checkpoint_debug_enabled(True):`.")


class CheckpointError(RuntimeError):
    """A function did something else the second time, so that its gradients cannot be computed."""

    __module__ = "pullback.utils.checkpoint"


class _Complete(Exception):
    """Raised in the second run when all that is needed was computed."""


def noop_context_fn():
    """Two contexts that do nothing: what `context_fn` is by default."""
    return nullcontext(), nullcontext()


class Place:
    """What a node keeps instead of a value: a number in the list of a frame."""

    __slots__ = ("frame", "number", "__weakref__")

    def __init__(self, frame, number):
        self.frame, self.number = frame, number


def described(tensor):
    """What must be the same of a value and of what is computed in its place."""
    return {"shape": tensor.shape, "dtype": tensor.dtype, "device": tensor.device}


class Frame:
    """One call of a checkpointed function.

    `describe` gives what is compared of the values of both runs; `log`, if there is one, explains where they differ. The
    inputs are kept as an operation around the call would keep them, so that inside another checkpoint they are computed again.
    """

    def __init__(self, function, args, kwargs, randomness, context, early_stop, describe, log=None):
        self.function, self.randomness, self.context = function, randomness, context
        self.early_stop, self.describe, self.log = early_stop, describe, log
        packing = settled().packing
        keep = packing.packed if isinstance(packing, Hooks) else lambda tensor: tensor
        self.args = [keep(arg) if isinstance(arg, Tensor) else arg for arg in args]
        self.kwargs = kwargs
        self.places, self.descriptions = [], []
        self.runs = weakref.WeakKeyDictionary()  # backward: the values computed for it by place, as far as not taken

    def hooks(self):
        """The hooks of the first run."""
        return saved_tensors_hooks(self._pack, self._unpack)

    def _pack(self, tensor):
        place = Place(self, len(self.places))
        self.places.append(weakref.ref(place))
        self.descriptions.append(self.describe(tensor))
        return place

    def _unpack(self, place):
        run = current_run() or _Once()
        values = self.runs.get(run)
        if values is None:
            values = self.runs[run] = self._compute()
        if place.number not in values:
            raise CheckpointError(
                "torch.utils.checkpoint: Unpack is being triggered for a tensor that was already unpacked once. If you are "
                "calling ctx.saved_tensors in backward, make sure to do so only once. Otherwise please open an issue with "
                "details on your use case.")
        return values.pop(place.number)

    def _compute(self):
        """Run the function again; returns what it keeps, by place."""
        second = _SecondRun(self)
        args = [arg.restored(None) if isinstance(arg, Packed) else arg for arg in self.args]
        try:
            with enable_grad(), self.randomness.again(), saved_tensors_hooks(second.pack, lambda value: value), self.context:
                self.function(*args, **self.kwargs)
        except _Complete:
            pass
        try:
            second.check()
        except CheckpointError as error:
            if self.log is None:
                raise
            raise self.log.explained(error) from None
        return second.values


class _Once:
    """In place of a backward where a value is asked for outside of one."""


class _SecondRun:
    """The values that a function keeps the second time."""

    def __init__(self, frame):
        self.frame, self.values, self.count, self.different = frame, {}, 0, []

    def pack(self, tensor):
        """Note a value; raises `_Complete` if it was the last."""
        number, places = self.count, self.frame.places
        self.count += 1
        if number >= len(places):
            raise CheckpointError("torch.utils.checkpoint: trying to save more tensors during recomputation than during the "
                                  "original forward pass." + _TIP)
        tensor = tensor.detach()
        place = places[number]()
        if place is not None:
            self.values[number] = tensor
            self._compare(number, tensor)
        if self.frame.early_stop and self.count == len(places):
            raise _Complete
        return tensor

    def _compare(self, number, tensor):
        first, second = self.frame.descriptions[number], self.frame.describe(tensor)
        if first != second:
            self.different.append(f"tensor at position {number}:\nsaved metadata: {first}\nrecomputed metadata: {second}\n")

    def check(self):
        """Raise CheckpointError if the second run kept something else than the first."""
        if self.count != len(self.frame.places):
            raise CheckpointError(
                "torch.utils.checkpoint: A different number of tensors was saved during the original forward and "
                f"recomputation.\nNumber of tensors saved during forward: {len(self.frame.places)}\nNumber of tensors saved "
                f"during recomputation: {self.count}.{_TIP}")
        if self.different:
            raise CheckpointError(
                "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than during the "
                f"forward pass.\n{''.join(self.different)}.{_TIP}")
