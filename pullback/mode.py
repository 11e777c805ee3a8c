"""Grad mode and inference mode: which frame the running context is in, and the managers that push one.

The frame lives in a `ContextVar`, so a new thread starts with gradients enabled and asyncio tasks do not see each
other's modes. A frame is immutable and knows its parent: entering pushes, leaving pops, and the managers themselves keep
nothing between the two, so one object may be nested in itself or shared between threads.
"""

import functools
import inspect
import warnings
from contextvars import ContextVar

import numpy as np

new = object.__new__


class Mode:
    """What operations must know of their context.

    `grad`, `inference`: the two flags; `recording`: build graph nodes. The rest makes a mode `special`, which takes operations
    off the short path: `tracer` records a program for `compile`, `era` is one before 0.4, `duals` are the open levels of
    forward mode and `batch` the innermost open level of `vmap`, `packing` what happens to values kept for backward,
    `anomaly` looks for the operation at fault, `runner` runs the forwards of operations, `tracker` notes how every tensor
    came about, and a `fresh` context has run no operation yet. `transforms` are the open calls of `torch.func`'s transforms,
    innermost last. `tracked`: only the tracker makes it special.
    """

    __slots__ = ("grad", "inference", "recording", "special", "tracked", "tracer", "era", "duals", "batch", "packing", "anomaly",
                 "runner", "tracker", "fresh", "transforms", "parent")

    def __init__(self, fresh=False):
        self.grad, self.inference, self.fresh, self.duals, self.transforms = True, False, fresh, (), ()
        self.tracer = self.era = self.batch = self.packing = self.anomaly = self.runner = self.tracker = None
        self.parent = None
        self._derive()

    def _derive(self):
        self.recording = self.grad and not self.inference
        unusual = self.fresh or bool(self.duals) or not (
            self.tracer is self.era is self.batch is self.packing is self.anomaly is self.runner is None)
        self.special = unusual or self.tracker is not None
        self.tracked = self.special and not unusual

    def but(self, **changes):
        """A copy with some fields changed."""
        mode = new(Mode)
        mode.grad, mode.inference, mode.fresh, mode.parent = self.grad, self.inference, self.fresh, self.parent
        mode.tracer, mode.era, mode.duals, mode.batch = self.tracer, self.era, self.duals, self.batch
        mode.packing, mode.anomaly, mode.runner, mode.tracker = self.packing, self.anomaly, self.runner, self.tracker
        mode.transforms = self.transforms
        for name, value in changes.items():
            setattr(mode, name, value)
        mode._derive()
        if mode.tracker is not None and "grad" in changes:
            mode.tracker = mode.tracker.under(mode)
        return mode


FRESH = Mode(fresh=True)
ROOT = Mode()
_start = ROOT
_mode = ContextVar("pullback.mode", default=FRESH)
current_mode = _mode.get


def settled():
    """The current mode; in a context that has run no operation yet, make it ready first.

    torch computes infinities and NaN without a word, so NumPy's floating-point warnings are switched off in a context
    from its first operation on (`np.errstate` around every operation would double its cost).
    """
    mode = current_mode()
    if mode is FRESH:
        np.seterr(divide="ignore", over="ignore", under="ignore", invalid="ignore")
        _mode.set(_start)
        return _start
    return mode


def start_with(**changes):
    """Let contexts that run their first operation from now on start in a frame that differs in `changes`."""
    global _start
    mode = _start.but(**changes)
    _start = mode if mode.special else ROOT


def push(**changes):
    """Enter a frame that differs from the current one in `changes`."""
    mode = settled()
    _mode.set(mode.but(**changes, parent=mode))


def pop():
    """Leave the current frame. Without a frame to leave, nothing happens."""
    parent = settled().parent
    if parent is not None:
        _mode.set(parent)


class inside:
    """Context manager: a frame that differs from the current one in `changes`."""

    def __init__(self, **changes):
        self.changes = changes

    def __enter__(self):
        push(**self.changes)

    def __exit__(self, *exception):
        pop()


_BACKWARD = ROOT.but(grad=False, parent=ROOT)


def enter_backward(grad):
    """Enter the mode of a backward, recording or not; returns the mode to go back to."""
    mode = settled()
    if mode.grad != grad:
        _mode.set(_BACKWARD if mode is ROOT else mode.but(grad=grad, parent=mode))
    return mode


def leave_backward(before):
    """Go back to the mode that `enter_backward` returned."""
    _mode.set(before)


def is_grad_enabled():
    """True if operations on tensors that require gradients are recorded."""
    return current_mode().grad


def is_inference_mode_enabled():
    """True inside `inference_mode()`."""
    return current_mode().inference


def change(**changes):
    """Change the current frame, until it is left."""
    _mode.set(settled().but(**changes))


def context_decorator(manager, func):
    """`func` with its body run under `manager()`; generators and coroutines are in the mode only while they run."""
    if inspect.isasyncgenfunction(func):
        return _wrap_async_generator(manager, func)
    if inspect.iscoroutinefunction(func):

        @functools.wraps(func)
        async def decorate_coroutine(*args, **kwargs):
            with manager():
                return await func(*args, **kwargs)

        return decorate_coroutine
    if inspect.isgeneratorfunction(func):
        return _wrap_generator(manager, func)

    def decorate_context(*args, **kwargs):
        with manager():
            return func(*args, **kwargs)

    return functools.wraps(func)(decorate_context) if callable(func) else decorate_context


def _wrap_generator(manager, func):
    @functools.wraps(func)
    def generator_context(*args, **kwargs):
        generator = func(*args, **kwargs)
        step = functools.partial(next, generator)
        while True:
            try:
                with manager():
                    value = step()
            except StopIteration as stop:
                return stop.value
            try:
                sent = yield value
                step = functools.partial(generator.send, sent)
            except GeneratorExit:
                with manager():
                    generator.close()
                raise
            except BaseException as error:
                step = functools.partial(generator.throw, error)

    return generator_context


def _wrap_async_generator(manager, func):
    @functools.wraps(func)
    async def async_generator_context(*args, **kwargs):
        generator = func(*args, **kwargs)
        step = functools.partial(generator.asend, None)
        while True:
            try:
                with manager():
                    value = await step()
            except StopAsyncIteration:
                return
            try:
                sent = yield value
                step = functools.partial(generator.asend, sent)
            except GeneratorExit:
                with manager():
                    await generator.aclose()
                raise
            except BaseException as error:
                step = functools.partial(generator.athrow, error)

    return async_generator_context


class _DecoratorContextManager:
    """Base of the managers: `with manager():`, `@manager()` and, for those that take no argument, `@manager`."""

    __module__ = "pullback.autograd.grad_mode"

    def __call__(self, func):
        if inspect.isclass(func):
            warnings.warn(
                "Decorating classes is deprecated and will be disabled in future versions. You should only decorate "
                "functions or methods. To preserve the current behavior of class decoration, you can directly decorate "
                "the `__init__` method and nothing else.",
                FutureWarning,
                stacklevel=2,
            )
            return lambda *args, **kwargs: self.clone().run(func, args, kwargs)
        return context_decorator(self.clone, func)

    def clone(self):
        """A manager like this one."""
        return self

    def run(self, func, args, kwargs):
        """Call `func` inside the mode."""
        with self:
            return func(*args, **kwargs)

    def __exit__(self, *exception):
        pop()


class _NoParameter(_DecoratorContextManager):
    __module__ = "pullback.autograd.grad_mode"

    def __new__(cls, orig_func=None):
        self = super().__new__(cls)
        return self if orig_func is None else self(orig_func)


class no_grad(_NoParameter):
    """Context manager and decorator under which nothing is recorded: results have `requires_grad=False`.

    Works on functions, methods, generators, coroutines and async generators; may be nested in itself and shared by threads.
    See https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html
    """

    __module__ = "pullback.autograd.grad_mode"

    def __enter__(self):
        push(grad=False)


class enable_grad(_NoParameter):
    """Context manager and decorator under which recording is on again inside `no_grad`."""

    __module__ = "pullback.autograd.grad_mode"

    def __enter__(self):
        push(grad=True)


class set_grad_enabled(_DecoratorContextManager):
    """Turn recording on or off: at once as a statement, for a block as a context manager, for a call as a decorator.

    Raises TypeError if `mode` is not a bool.
    """

    __module__ = "pullback.autograd.grad_mode"

    def __init__(self, mode):
        if not isinstance(mode, bool):
            raise TypeError(f"set_grad_enabled(): argument 'enabled' (position 1) must be bool, not {type(mode).__name__}")
        self.mode = mode
        self.prev = is_grad_enabled()
        change(grad=mode)
        self.made = current_mode()

    def __call__(self, func):
        change(grad=self.prev)
        return super().__call__(func)

    def __enter__(self):
        mode = settled()
        # the first block after the construction ends with what was before that; any other with what was before the block
        before = mode.but(grad=self.prev) if mode is self.made else mode
        _mode.set(mode.but(grad=self.mode, parent=before))

    def clone(self):
        return set_grad_enabled(self.mode)

    def __repr__(self):
        return f"torch.autograd.grad_mode.set_grad_enabled(mode={self.mode})"


class inference_mode(_DecoratorContextManager):
    """Context manager and decorator: as `no_grad`, and the tensors made inside take no part in autograd later.

    `inference_mode(False)` inside another one restores the normal mode, gradients enabled.
    """

    __module__ = "pullback.autograd.grad_mode"

    def __new__(cls, mode=True):
        self = super().__new__(cls)
        if isinstance(mode, bool):
            self.mode = mode
            return self
        self.mode = True
        return self(mode)

    def __enter__(self):
        push(inference=self.mode, grad=not self.mode)
