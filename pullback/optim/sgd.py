"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..graph import Tensor
from ..origin import here
from .optimizer import Optimizer, arrays, check_flags, run_closure, scalar

__all__ = ["SGD"]


class SGD(Optimizer):
    """`p -= lr * g`, with optional momentum, Nesterov's variant of it, and L2 weight decay.

    With momentum, `buf = momentum * buf + (1 - dampening) * g` (the first time `buf = g`) takes the place of `g`;
    with `nesterov`, `g + momentum * buf` does. Sutskever et al., 2013. `maximize` climbs instead. `foreach` and `fused`
    are accepted and change nothing. ValueError for negative options and for `nesterov` without momentum.
    """

    def __init__(
        self,
        params: Any,
        lr: float | Tensor = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float | Tensor = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if lr < 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if momentum < 0.0:
            raise ValueError(f"Invalid momentum value: {momentum}")
        if weight_decay < 0.0:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        check_flags(foreach, differentiable, fused)
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            group.setdefault("nesterov", False)
            group.setdefault("maximize", False)
            group.setdefault("foreach", None)
            group.setdefault("differentiable", False)
            group.setdefault("fused", False)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; returns the closure's loss, if there is a closure."""
        loss, place = run_closure(closure), here(2)
        for group in self.param_groups:
            for param in group["params"]:
                grad = param.grad
                if grad is not None:
                    self._update(group, param, *arrays((param, grad)))
                    param._bump(place)
        return loss

    def _update(self, group: dict[str, Any], param: Tensor, p: Any, g: Any) -> None:
        if group["maximize"]:
            g = -g
        decay = scalar(group["weight_decay"])
        if decay != 0:
            g = g + p * decay
        if group["momentum"] != 0:
            g = self._with_momentum(group, param, g)
        p -= g * scalar(group["lr"])

    def _with_momentum(self, group: dict[str, Any], param: Tensor, g: Any) -> Any:
        momentum = group["momentum"]
        state = self.state[param]
        buffer = state.get("momentum_buffer")
        if buffer is None:
            buffer = state["momentum_buffer"] = param.grad.detach().clone()
            (buf,) = arrays([buffer])
            buf[...] = g
        else:
            (buf,) = arrays([buffer])
            buf *= momentum
            buf += g if group["dampening"] == 0 else g * (1 - group["dampening"])
        return g + buf * momentum if group["nesterov"] else buf
