"""Adam and its variants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..dtypes import float32
from ..factories import tensor, zeros_like
from ..graph import Tensor
from ..mode import no_grad
from ..origin import here
from .optimizer import Optimizer, advance, arrays, check_flags, counter_of, exact, run_closure, scalar

__all__ = ["Adam"]


def _check_options(lr: Any, betas: Any, eps: float, weight_decay: float, foreach: Any, capturable: bool) -> None:
    if isinstance(lr, Tensor):
        if foreach and not capturable:
            raise ValueError("lr as a Tensor is not supported for capturable=False and foreach=True")
        if lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
    if not lr >= 0.0:
        raise ValueError(f"Invalid learning rate: {lr}")
    if not eps >= 0.0:
        raise ValueError(f"Invalid epsilon value: {eps}")
    for i, beta in enumerate(betas[:2]):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {i}: {beta}")
    if not weight_decay >= 0.0:
        raise ValueError(f"Invalid weight_decay value: {weight_decay}")
    if not (
        all(isinstance(beta, float) for beta in betas[:2]) or all(isinstance(beta, Tensor) for beta in betas[:2])
    ):
        raise ValueError("betas must be either both floats or both Tensors")
    for i, beta in enumerate(betas[:2]):
        if isinstance(beta, Tensor):
            if not capturable and foreach:
                raise ValueError(f"betas[{i}] as a Tensor is not supported for capturable=False and foreach=True")
            if beta.numel() != 1:
                raise ValueError(f"Tensor betas[{i}] must be 1-element")


class Adam(Optimizer):
    """Kingma and Ba, 2014: steps by the running mean of the gradient over the root of that of its square.

    `m = b1 m + (1 - b1) g`, `v = b2 v + (1 - b2) g^2`,
    `p -= lr * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)`.

    `weight_decay` adds `weight_decay * p` to the gradient, or with `decoupled_weight_decay` shrinks `p` by
    `lr * weight_decay` itself (AdamW). `amsgrad` divides by the greatest `v` so far (Reddi et al., 2018). `maximize`
    climbs instead. `foreach`, `fused` and `capturable` are accepted and change nothing. ValueError for options out of
    range.
    """

    def __init__(
        self,
        params: Any,
        lr: float | Tensor = 1e-3,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        _check_options(lr, betas, eps, weight_decay, foreach, capturable)
        check_flags(foreach, differentiable, fused)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            for name in ("amsgrad", "maximize", "capturable", "differentiable", "decoupled_weight_decay"):
                group.setdefault(name, False)
            group.setdefault("foreach", None)
            group.setdefault("fused", None)
        for own in self.state.values():
            counter_of(own)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; returns the closure's loss, if there is a closure."""
        loss = run_closure(closure)
        for group in self.param_groups:
            self._step_group(group)
        return loss

    def _step_group(self, group: dict[str, Any]) -> None:
        lr, decay, amsgrad = scalar(group["lr"]), group["weight_decay"], group["amsgrad"]
        betas, place = tuple(scalar(beta) for beta in group["betas"]), here(2)
        for param in group["params"]:
            grad = param.grad
            if grad is None:
                continue
            state = self.state[param]
            if not state:
                _start(state, param, amsgrad)
            p, g, m, v = arrays((param, grad, state["exp_avg"], state["exp_avg_sq"]))
            if group["maximize"]:
                g = -g
            if decay != 0:
                if group["decoupled_weight_decay"]:
                    p *= 1 - lr * decay
                else:
                    g = g + p * decay
            greatest = arrays((state["max_exp_avg_sq"],))[0] if amsgrad else None
            _update(p, g, m, v, greatest, advance(state["step"]), lr, betas, group["eps"])
            param._bump(place)


def _start(state: dict[str, Any], param: Tensor, amsgrad: bool) -> None:
    with no_grad():
        state["step"] = tensor(0.0, dtype=float32)
        for name in ("exp_avg", "exp_avg_sq", *(["max_exp_avg_sq"] if amsgrad else [])):
            state[name] = zeros_like(param)


def _update(
    p: Any, g: Any, m: Any, v: Any, greatest: Any, step: Any, lr: Any, betas: tuple[Any, Any], eps: float
) -> None:
    """One Adam step on arrays, in place, with one array of scratch space.

    With c = sqrt(1 - b2^t), `m / (sqrt(v) / c + eps)` is `m / (sqrt(v) + c eps)` times c: one pass less.
    """
    beta1, beta2 = betas
    t = g - m
    t *= 1 - beta1
    m += t
    np.multiply(g, g, out=t)
    t *= 1 - beta2
    v *= beta2
    v += t
    if greatest is not None:
        np.maximum(greatest, v, out=greatest)
        v = greatest
    np.sqrt(v, out=t)
    correction = (1 - exact(beta2) ** step) ** 0.5
    t += correction * eps
    np.divide(m, t, out=t)
    t *= correction * lr / (1 - exact(beta1) ** step)
    p -= t
