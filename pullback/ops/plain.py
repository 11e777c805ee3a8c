"""Layers as `torch` itself has them: what torch.nn.functional has under the same name takes other arguments.

`torch.dropout(input, p, train)` has no defaults, `torch.batch_norm` takes the weights before the statistics, and reductions
are numbers, by default 0: none. (PyTorch's schemas say 1, the mean; its functions do not reduce.) Programs use them rarely.
The operations registered under these names are torch.nn.functional's; these call them.
"""

from . import activation, adaptive, batchnorm, lookup, loss, maxpool, noise, piecewise, rownorm
from .reduction import reduced_tensor

_REDUCTIONS = ("none", "mean", "sum")


def _check_probability(p):
    if not 0 <= p <= 1:
        raise RuntimeError(f"dropout probability has to be between 0 and 1, but got {p}")


def dropout(input, p, train):
    """With `train`, every element is zeroed with probability p, the others multiplied by `1 / (1 - p)`."""
    _check_probability(p)
    return noise.dropout(input, p, train)


def alpha_dropout(input, p, train):
    """With `train`, `dropout` that keeps mean 0 and variance 1: see torch.nn.functional.alpha_dropout."""
    _check_probability(p)
    return noise.alpha_dropout(input, p, train)


def feature_alpha_dropout(input, p, train):
    """`alpha_dropout` of whole channels of (N, C, *)."""
    _check_probability(p)
    return noise.feature_alpha_dropout(input, p, train)


def dropout_(input, p, train):
    """`dropout`, written to its input."""
    _check_probability(p)
    return noise.dropout(input, p, train, inplace=True)


def alpha_dropout_(input, p, train):
    """`alpha_dropout`, written to its input."""
    _check_probability(p)
    return noise.alpha_dropout(input, p, train, inplace=True)


def feature_alpha_dropout_(input, p, train):
    """`feature_alpha_dropout`, written to its input."""
    _check_probability(p)
    return noise.feature_alpha_dropout(input, p, train, inplace=True)


def celu(input, alpha=1.0):
    """`max(0, x) + min(0, alpha (exp(x / alpha) - 1))`."""
    return activation.celu(input, alpha)


def selu(input):
    """`scale (max(0, x) + min(0, alpha (exp(x) - 1)))`, scale about 1.0507, alpha about 1.6733."""
    return activation.selu(input)


def threshold(input, threshold, value):
    """x where it is above `threshold`, `value` elsewhere."""
    return piecewise.threshold(input, threshold, value)


def celu_(input, alpha=1.0):
    """`celu`, written to its input."""
    return activation.celu(input, alpha, inplace=True)


def selu_(input):
    """`selu`, written to its input."""
    return activation.selu(input, inplace=True)


def threshold_(input, threshold, value):
    """The function `threshold`, written to its input."""
    return piecewise.threshold(input, threshold, value, inplace=True)


def batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, cudnn_enabled):
    """`(x - mean) / sqrt(var + eps) weight + bias` a channel of (N, C, *). `cudnn_enabled` has no effect.

    Raises what torch.nn.functional.batch_norm raises.
    """
    return batchnorm.batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


def instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, cudnn_enabled):
    """`batch_norm` of every instance of (N, C, *) by itself. `cudnn_enabled` has no effect."""
    return batchnorm.instance_norm(input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-05, cudnn_enable=True):
    """`(x - mean) / sqrt(var + eps) weight + bias` over the last dimensions. `cudnn_enable` has no effect."""
    return rownorm.layer_norm(input, normalized_shape, weight, bias, eps)


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-05, cudnn_enabled=True):
    """`layer_norm` over groups of the channels of (N, C, *). `cudnn_enabled` has no effect."""
    return rownorm.group_norm(input, num_groups, weight, bias, eps)


def embedding(weight, indices, padding_idx=-1, scale_grad_by_freq=False, sparse=False):
    """The rows of `weight` with the numbers in `indices`. A negative `padding_idx` is none."""
    return lookup.embedding(indices, weight, None if padding_idx < 0 else padding_idx, None, 2.0, scale_grad_by_freq, sparse)


def kl_div(input, target, reduction=0, *, log_target=False):
    """`target (log target - input)` for log-probabilities `input`. `reduction`: 0 none, 1 the mean, 2 the sum."""
    return reduced_tensor(loss.divergence(input, target, log_target), _REDUCTIONS[reduction])


def binary_cross_entropy_with_logits(input, target, weight=None, pos_weight=None, reduction=0):
    """The cross-entropy of `sigmoid(input)` and `target`. `reduction`: 0 none, 1 the mean, 2 the sum."""
    return loss.binary_cross_entropy_with_logits(input, target, weight, reduction=_REDUCTIONS[reduction], pos_weight=pos_weight)


def max_pool1d(input, kernel_size, stride=(), padding=0, dilation=1, ceil_mode=False):
    """The largest element of each window of (N, C, L) or (C, L). `stride` is by default the kernel size."""
    return maxpool.max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool2d(input, kernel_size, stride=(), padding=0, dilation=1, ceil_mode=False):
    """As `max_pool1d`, for (N, C, H, W) or (C, H, W)."""
    return maxpool.max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool3d(input, kernel_size, stride=(), padding=0, dilation=1, ceil_mode=False):
    """As `max_pool1d`, for (N, C, D, H, W) or (C, D, H, W)."""
    return maxpool.max_pool3d(input, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool1d_with_indices(input, kernel_size, stride=(), padding=0, dilation=1, ceil_mode=False):
    """`max_pool1d`, and the index of each of its elements."""
    return maxpool.max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


def adaptive_max_pool1d(input, output_size):
    """The maxima of `output_size` windows that cover (N, C, L) or (C, L), and their indices."""
    return adaptive.adaptive_max_pool1d(input, output_size, True)
