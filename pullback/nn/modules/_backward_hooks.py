"""Hooks on the gradients that enter and leave a module.

A module's inputs, all together, pass through one operation of the graph, and so do its outputs. When the gradients of
all outputs have arrived at the second, the pre-hooks run; when those of all inputs have arrived at the first, the hooks.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ...autograd.function import Function
from ...graph import Tensor
from ...mode import is_grad_enabled

_NO_INPUTS = (
    "Full backward hook is firing when gradients are computed with respect to module outputs since no inputs require "
    "gradients. See https://docs.pytorch.org/docs/main/generated/torch.nn.Module.html#"
    "torch.nn.Module.register_full_backward_hook for more details."
)


class BackwardHookFunction(Function):
    """The identity on several tensors, whose gradients go through `change` together."""

    @staticmethod
    def forward(ctx: Any, change: Callable[[tuple], tuple], *tensors: Tensor) -> tuple:
        ctx.change = change
        ctx.set_materialize_grads(False)
        ctx.mark_non_differentiable(*[t for t in tensors if not t.requires_grad])
        return tensors

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple:
        return (None, *ctx.change(grads))


def _through(values: tuple, change: Callable[[tuple], tuple]) -> tuple[tuple, list[int] | None]:
    """`values` with the tensors among them sent through a boundary, and where they are; None if no one is recorded."""
    places = [i for i, value in enumerate(values) if isinstance(value, Tensor)]
    if not is_grad_enabled() or not any(values[i].requires_grad for i in places):
        return values, None
    passed = BackwardHookFunction.apply(change, *[values[i] for i in places])
    new = list(values)
    for i, tensor in zip(places, passed if isinstance(passed, tuple) else (passed,), strict=True):
        new[i] = tensor
    return tuple(new), places


def _spread(grads: tuple, places: list[int], size: int) -> tuple:
    """The gradients at their places among `size`, None elsewhere."""
    spread: list[Any] = [None] * size
    for i, grad in zip(places, grads, strict=True):
        spread[i] = grad
    return tuple(spread)


def _checked(result: Any, like: tuple, what: str) -> tuple:
    result = (result,) if isinstance(result, Tensor) else result
    if len(result) != len(like):
        raise RuntimeError(f"{what}, got {len(result)}, but expected {len(like)}")
    return result


class ModuleGradients:
    """One call of a module with backward hooks: wraps its inputs and outputs, and runs the hooks in the backward."""

    def __init__(self, module: Any, hooks: list[Callable], pre_hooks: list[Callable]) -> None:
        self.module, self.hooks, self.pre_hooks = module, hooks, pre_hooks
        self.inputs: list[int] | None = None
        self.count = 0
        self.grad_outputs: tuple | None = None

    def wrap_inputs(self, args: tuple) -> tuple:
        """The positional arguments, tensors among them to be watched."""
        self.count = len(args)
        args, self.inputs = _through(args, self._at_inputs)
        return args

    def wrap_outputs(self, result: Any) -> Any:
        """The module's result, a tensor or a tuple, tensors to be watched; anything else is left, with a warning."""
        if not isinstance(result, (Tensor, tuple)):
            warnings.warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received "
                f"{type(result)}",
                stacklevel=5,
            )
            return result
        outputs = result if isinstance(result, tuple) else (result,)
        places = [i for i, value in enumerate(outputs) if isinstance(value, Tensor)]
        outputs, _ = _through(outputs, lambda grads: self._at_outputs(grads, places, len(outputs)))
        return outputs if isinstance(result, tuple) else outputs[0]

    def _at_outputs(self, grads: tuple, places: list[int], size: int) -> tuple:
        grads = _spread(grads, places, size)
        for hook in self.pre_hooks:
            changed = hook(self.module, grads)
            if changed is not None:
                grads = _checked(changed, grads, "Backward pre hook returned an invalid number of grad_output")
        self.grad_outputs = grads
        if self.inputs is None:
            self._without_inputs(grads)
        return tuple(grads[i] for i in places)

    def _without_inputs(self, grads: tuple) -> None:
        """No input is recorded, so this is the only time that the hooks can run."""
        if self.hooks:
            warnings.warn(_NO_INPUTS, stacklevel=2)
        for hook in self.hooks:
            changed = hook(self.module, (None,) * self.count, grads)
            if changed is not None and not (isinstance(changed, tuple) and all(g is None for g in changed)):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always return None or None for "
                    "all gradients."
                )
        self.grad_outputs = None

    def _at_inputs(self, grads: tuple) -> tuple:
        if self.grad_outputs is None:  # the module's outputs had no part in this backward
            return grads
        spread = _spread(grads, self.inputs, self.count)
        for hook in self.hooks:
            changed = hook(self.module, spread, self.grad_outputs)
            if changed is not None:
                spread = _checked(changed, spread, "Backward hook returned an invalid number of grad_input")
        self.grad_outputs = None
        return tuple(spread[i] for i in self.inputs)
