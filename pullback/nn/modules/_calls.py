"""Calling a module, with the hooks around its `forward`."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

from ...mode import current_mode
from ...utils.hooks import RemovableHandle
from ._registration import Registration


class Calls(Registration):
    """The part of `Module` that calls `forward` and runs hooks."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        # Without hooks, which is nearly always, this must cost little more than calling forward().
        d = self.__dict__
        try:
            hooked = (
                d["_forward_hooks"] or d["_forward_pre_hooks"] or d["_backward_hooks"] or d["_backward_pre_hooks"]
            )
        except KeyError as error:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute {error}") from None
        tracer = current_mode().tracer
        if tracer is not None:  # a compiled program is good for the training flag it was traced with
            tracer.guard(partial(getattr, self, "training"))
        if hooked:
            return self._call_with_hooks(args, kwargs)
        return self.forward(*args, **kwargs)

    _call_impl = __call__

    def forward(self, *input: Any) -> Any:
        """What the module computes. Every subclass defines it; call the module itself, so that hooks run."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def _call_with_hooks(self, args: tuple, kwargs: dict) -> Any:
        done: set[int] = set()
        try:
            args, kwargs = self._run_pre_hooks(args, kwargs)
            gradients = self._gradients()
            if gradients is not None:
                args = gradients.wrap_inputs(args)
            result = self.forward(*args, **kwargs)
            for hook_id, hook in tuple(self._forward_hooks.items()):
                done.add(hook_id)
                changed = self._run_forward_hook(hook_id, hook, args, kwargs, result)
                if changed is not None:
                    result = changed
            return result if gradients is None else gradients.wrap_outputs(result)
        except Exception:
            self._run_always_called_hooks(done, args, kwargs)
            raise

    def _gradients(self) -> Any:
        """What runs the backward hooks of one call; None if there are none."""
        if not self._backward_hooks and not self._backward_pre_hooks:
            return None
        from ._backward_hooks import ModuleGradients

        return ModuleGradients(self, list(self._backward_hooks.values()), list(self._backward_pre_hooks.values()))

    def _run_pre_hooks(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        for hook_id, hook in tuple(self._forward_pre_hooks.items()):
            if hook_id in self._forward_pre_hooks_with_kwargs:
                changed = hook(self, args, kwargs)
                if changed is None:
                    continue
                if not (isinstance(changed, tuple) and len(changed) == 2):
                    raise RuntimeError(
                        f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {changed}."
                    )
                args, kwargs = changed
            else:
                changed = hook(self, args)
                if changed is not None:
                    args = changed if isinstance(changed, tuple) else (changed,)
        return args, kwargs

    def _run_forward_hook(self, hook_id: int, hook: Callable, args: tuple, kwargs: dict, result: Any) -> Any:
        if hook_id in self._forward_hooks_with_kwargs:
            return hook(self, args, kwargs, result)
        return hook(self, args, result)

    def _run_always_called_hooks(self, done: set[int], args: tuple, kwargs: dict) -> None:
        """After an error, run the hooks that asked for it and have not run; their own errors become warnings."""
        for hook_id, hook in tuple(self._forward_hooks.items()):
            if hook_id not in self._forward_hooks_always_called or hook_id in done:
                continue
            try:
                self._run_forward_hook(hook_id, hook, args, kwargs, None)
            except Exception as error:
                warnings.warn(
                    "module forward hook with ``always_call=True`` raised an exception that was silenced as another "
                    f"error was raised in forward: {error}",
                    stacklevel=4,
                )

    def register_forward_pre_hook(
        self, hook: Callable, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """`hook(module, args)` runs before `forward` and may return new arguments (a tuple, or one value).

        With `with_kwargs` it is `hook(module, args, kwargs)` and returns None or `(args, kwargs)`. `prepend` puts it
        before the hooks that are there. Returns a handle with `remove()`.
        """
        flags = self._forward_pre_hooks_with_kwargs
        handle = _register(self._forward_pre_hooks, hook, prepend, [flags])
        if with_kwargs:
            flags[handle.id] = True
        return handle

    def register_forward_hook(
        self, hook: Callable, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """`hook(module, args, output)` runs after `forward` and may return something in place of the output.

        With `with_kwargs` it is `hook(module, args, kwargs, output)`. With `always_call` it also runs, with the output
        None, when `forward` or an earlier hook raised. `prepend` puts it before the hooks that are there.
        """
        flags, always = self._forward_hooks_with_kwargs, self._forward_hooks_always_called
        handle = _register(self._forward_hooks, hook, prepend, [flags, always])
        if with_kwargs:
            flags[handle.id] = True
        if always_call:
            always[handle.id] = True
        return handle


    def register_full_backward_pre_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """`hook(module, grad_output)` runs in backward when the gradients of all outputs are there.

        `grad_output` is a tuple; what the hook returns, if anything, takes its place. `prepend` puts it before the
        hooks that are there.
        """
        return _register(self._backward_pre_hooks, hook, prepend, [])

    def register_full_backward_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """`hook(module, grad_input, grad_output)` runs in backward when the gradients of all inputs are there.

        Both are tuples, with None for what is no tensor; what the hook returns, if anything, takes the place of
        `grad_input`. Only positional arguments are seen. `prepend` puts it before the hooks that are there.
        """
        self._is_full_backward_hook = True
        return _register(self._backward_hooks, hook, prepend, [])


def _register(hooks: OrderedDict, hook: Callable, prepend: bool, flags: list[OrderedDict]) -> RemovableHandle:
    handle = RemovableHandle(hooks, extra_dict=flags)
    hooks[handle.id] = hook
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle
