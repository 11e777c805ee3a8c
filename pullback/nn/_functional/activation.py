"""Functions that act element by element, or along one dimension."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ... import ops
from ...limits import finfo
from ...graph import Tensor

gelu = ops.gelu
softplus = ops.softplus

# Klambauer et al., 2017: the constants that make mean 0 and variance 1 a fixed point.
_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


def _run(fn: Callable[..., Tensor], inplace: bool, input: Tensor, *args: Any) -> Tensor:
    """`fn(input, *args)`, written over `input` if asked to.

    The function then reads a copy: what it keeps for backward must not be what is overwritten.
    """
    if not inplace:
        return fn(input, *args)
    return input.copy_(fn(input.clone(), *args))


def _limit(x: Tensor, low: float, high: float) -> Tensor:
    """`x` limited to `[low, high]`, with no gradient at the limits themselves (`clamp` has one there)."""
    return ops.where((x > low) & (x < high), x, x.detach().clamp(low, high))


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """`max(0, x)`."""
    return input.relu_() if inplace else ops.relu(input)


def relu_(input: Tensor) -> Tensor:
    """`relu` over its input."""
    return input.relu_()


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """`min(max(0, x), 6)`."""
    return _run(_limit, inplace, input, 0.0, 6.0)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """`x` limited to `[min_val, max_val]`. ValueError if `min_val > max_val`."""
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    return _run(_limit, inplace, input, min_val, max_val)


def hardtanh_(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """`hardtanh` over its input."""
    return hardtanh(input, min_val, max_val, inplace=True)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """`min(max(x + 3, 0), 6) / 6`."""
    return _run(lambda x: _limit(x + 3, 0.0, 6.0) / 6, inplace, input)


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """`x * min(max(x + 3, 0), 6) / 6`."""
    return _run(lambda x: x * _limit(x + 3, 0.0, 6.0) / 6, inplace, input)


def sigmoid(input: Tensor) -> Tensor:
    """`1 / (1 + exp(-x))`."""
    return ops.sigmoid(input)


def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent."""
    return ops.tanh(input)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """`x` where it is positive, `negative_slope * x` elsewhere."""
    return _run(ops.leaky_relu, inplace, input, negative_slope)


def leaky_relu_(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """`leaky_relu` over its input."""
    return leaky_relu(input, negative_slope, inplace=True)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """`x * sigmoid(x)`."""
    return _run(ops.silu, inplace, input)


def _elu(x: Tensor, alpha: float, scale: float = 1.0, input_scale: float = 1.0) -> Tensor:
    # The branch that is not taken must stay finite: its zero gradient times infinity would be NaN.
    negative = ops.expm1(x.clamp(max=0) * input_scale) * (alpha * scale)
    return ops.where(x > 0, x * scale, negative)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """`x` where it is positive, `alpha * (exp(x) - 1)` elsewhere."""
    return _run(_elu, inplace, input, alpha)


def elu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """`elu` over its input."""
    return elu(input, alpha, inplace=True)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """`scale * (max(0, x) + min(0, alpha * (exp(x) - 1)))`, with scale about 1.0507 and alpha about 1.6733."""
    return _run(_elu, inplace, input, _SELU_ALPHA, _SELU_SCALE)


def selu_(input: Tensor) -> Tensor:
    """`selu` over its input."""
    return selu(input, inplace=True)


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """`max(0, x) + min(0, alpha * (exp(x / alpha) - 1))`. RuntimeError if alpha is zero."""
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return _run(_elu, inplace, input, alpha, 1.0, 1.0 / alpha)


def celu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """`celu` over its input."""
    return celu(input, alpha, inplace=True)


def logsigmoid(input: Tensor) -> Tensor:
    """`log(sigmoid(x)) = min(x, 0) - log(1 + exp(-|x|))`, without overflow."""
    negative = input < 0
    # x or -x, whichever is negative, by a constant factor: |x| has no derivative at zero, and this needs one there.
    minus_abs = input * ops.where(negative, 1.0, -1.0).to(input.dtype)
    return ops.where(negative, input, 0.0) - ops.log1p(ops.exp(minus_abs))


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """`x * tanh(softplus(x))`."""
    return _run(lambda x: x * ops.tanh(ops.softplus(x)), inplace, input)


def softsign(input: Tensor) -> Tensor:
    """`x / (1 + |x|)`."""
    return input / (input.abs() + 1)


def tanhshrink(input: Tensor) -> Tensor:
    """`x - tanh(x)`."""
    return input - input.tanh()


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """`x` moved towards zero by `lambd`, stopping there. RuntimeError if `lambd` is negative."""
    if lambd < 0:
        limit, dtype = finfo(input.dtype).max, input.dtype.title
        raise RuntimeError(f"lambda must be in range [0, {limit:g}] for input dtype {dtype}, but found {lambd:g}")
    return ops.where(input > lambd, input - lambd, ops.where(input < -lambd, input + lambd, input * 0.0))


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """`x` where `|x|` is above `lambd`, zero elsewhere."""
    return ops.where((input >= -lambd) & (input <= lambd), 0.0, input)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """`x` where it is above `threshold`, `value` elsewhere."""
    return _run(lambda x: ops.where(x <= threshold, value, x), inplace, input)


def threshold_(input: Tensor, threshold: float, value: float) -> Tensor:
    """The function `threshold` over its input."""
    return input.copy_(ops.where(input <= threshold, value, input.clone()))


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """`x` where it is positive, `weight * x` elsewhere; one weight, or one for each channel (dimension 1).

    RuntimeError if there are several weights and not as many channels.
    """
    if weight.numel() != 1:
        channels = input.size(1) if input.dim() > 1 else 1
        if input.dim() == 0:
            raise RuntimeError("Not allow zero-dim input tensor.")
        if channels != weight.numel():
            raise RuntimeError(
                "Mismatch of parameter numbers and input channel size. Found parameter numbers = "
                f"{weight.numel()} and channel size = {channels}."
            )
    shape = [1] * input.dim()
    if input.dim() > 1:
        shape[1] = -1
    return ops.where(input > 0, input, weight.reshape(shape) * input)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """`a * sigmoid(b)` for the halves a and b of the input along `dim`. RuntimeError if the size there is odd."""
    if input.dim() == 0:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    if input.size(dim) % 2:
        raise RuntimeError(
            f"Halving dimension must be even, but dimension {dim % input.dim()} is size {input.size(dim)}"
        )
    a, b = input.chunk(2, dim)
    return a * ops.sigmoid(b)


def _get_softmax_dim(name: str, ndim: int, stacklevel: int) -> int:
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
        stacklevel=stacklevel,
    )
    return 0 if ndim in (0, 1, 3) else 1


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """`exp(x_i) / sum_j exp(x_j)` along `dim`, computed in `dtype` if given. Without `dim` it is guessed, and warned."""
    if dim is None:
        dim = _get_softmax_dim("softmax", input.dim(), _stacklevel)
    return ops.softmax(input, dim) if dtype is None else ops.softmax(input, dim, dtype=dtype)


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """The logarithm of the softmax along `dim`, computed in `dtype` if given. Without `dim` it is guessed, and warned."""
    if dim is None:
        dim = _get_softmax_dim("log_softmax", input.dim(), _stacklevel)
    return ops.log_softmax(input, dim) if dtype is None else ops.log_softmax(input, dim, dtype=dtype)


def softmin(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """The softmax of `-x` along `dim`."""
    if dim is None:
        dim = _get_softmax_dim("softmin", input.dim(), _stacklevel)
    return softmax(-input, dim, dtype=dtype)


def gumbel_softmax(
    logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Tensor:
    """A sample of the relaxed one-hot distribution with these logits, at temperature `tau`. Jang et al., 2016.

    `hard` rounds the sample to one-hot going forward and leaves the gradient of the soft one. `eps` has no effect.
    """
    if eps != 1e-10:
        warnings.warn("`eps` parameter is deprecated and has no effect.", stacklevel=2)
    noise = -logits.detach().clone().exponential_().log()
    soft = softmax((logits + noise) / tau, dim)
    if not hard:
        return soft
    index = soft.argmax(dim, keepdim=True)
    one_hot = (soft.detach() * 0).scatter_(dim, index, 1.0)
    return one_hot - soft.detach() + soft
