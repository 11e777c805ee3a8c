"""Calling functions under a checkpoint."""

import warnings
from contextlib import contextmanager

from ...mode import settled
from .debug import Log
from .frames import Frame, described, noop_context_fn
from .reentrant import CheckpointFunction
from .state import Randomness

_EXPLICIT = (
    "the use_reentrant parameter should be passed explicitly. {} use_reentrant=False is recommended, but if you need to preserve "
    "the current default behavior, you can pass use_reentrant=True. Refer to docs for more details on the differences between "
    "the two variants."
)
_forced = {"debug": None, "early_stop": None}  # what the context managers below say, which counts more than the arguments


@contextmanager
def _forcing(**option):
    before = dict(_forced)
    _forced.update(option)
    try:
        yield
    finally:
        _forced.update(before)


def set_checkpoint_debug_enabled(enabled):
    """Context manager that turns the `debug` of checkpoints on or off, whatever they are given; None: as they are given."""
    return _forcing(debug=enabled)


def set_checkpoint_early_stop(enable):
    """Context manager that says whether the second run of a checkpoint ends as soon as all that is needed was computed."""
    return _forcing(early_stop=enable)


def _option(name, given):
    return given if _forced[name] is None else _forced[name]


def checkpoint(function, *args, use_reentrant=None, context_fn=noop_context_fn, determinism_check="default", debug=False,
               early_stop=True, **kwargs):
    """`function(*args, **kwargs)`; what it keeps for backward is dropped and computed again in the backward.

    The function must do the same both times. `preserve_rng_state=False` (among `kwargs`) saves the restoring of random numbers.

    `use_reentrant=False` (recommended): `context_fn` gives two context managers, for the first run and the second (see
    `create_selective_checkpoint_contexts`); with `determinism_check="default"` shapes and dtypes of both runs are compared;
    `debug` adds the operations of both runs to errors; `early_stop` ends the second run once all was computed that is needed.
    Raises CheckpointError where the second run differs. `True`: the whole call is one node; an argument must require a
    gradient, there are no keyword arguments, and `autograd.grad` raises RuntimeError. None is True, with a warning.
    See https://docs.pytorch.org/docs/stable/checkpoint.html
    """
    if use_reentrant is None:
        warnings.warn("torch.utils.checkpoint: " + _EXPLICIT.format(
            "Starting in PyTorch 2.9, calling checkpoint without use_reentrant will raise an exception."), stacklevel=2)
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if use_reentrant:
        if kwargs:
            raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
        if context_fn is not noop_context_fn or debug:
            raise ValueError("Passing `context_fn` or `debug` is only supported when use_reentrant=False.")
        return CheckpointFunction.apply(function, preserve, *args)
    describe = _DESCRIPTIONS.get(determinism_check)
    if describe is None:
        raise ValueError(f"determinism_check should be one of {list(_DESCRIPTIONS)}, but got {determinism_check}")
    log = None
    if _option("debug", debug):
        if context_fn is not noop_context_fn:
            raise ValueError("debug=True is incompatible with non-default context_fn")
        log = Log()
        context_fn = log.contexts
    first, second = context_fn()
    if not settled().recording:
        return function(*args, **kwargs)
    frame = Frame(function, args, kwargs, Randomness(preserve), second, _option("early_stop", early_stop), describe, log)
    with frame.hooks(), first:
        return function(*args, **kwargs)


_DESCRIPTIONS = {"default": described, "none": lambda tensor: None}


def checkpoint_sequential(functions, segments, input, use_reentrant=None, **kwargs):
    """The `functions` (modules or callables, or a `Sequential`) one after the other, all segments but the last checkpointed.

    Raises ValueError on unknown keyword arguments.
    """
    if use_reentrant is None:
        warnings.warn("torch.utils.checkpoint.checkpoint_sequential: " + _EXPLICIT.format(
            "In version 2.9 we will raise an exception if use_reentrant is not passed."), stacklevel=2)
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    functions = list(functions.children()) if hasattr(functions, "children") else list(functions)
    size = len(functions) // segments
    for start in range(0, size * (segments - 1), size):
        input = checkpoint(_chained(functions[start:start + size]), input, use_reentrant=use_reentrant,
                           preserve_rng_state=preserve)
    return _chained(functions[size * (segments - 1):])(input)


def _chained(functions):
    def run(input):
        for function in functions:
            input = function(input)
        return input

    return run
