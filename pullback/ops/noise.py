"""Dropout and its relatives. The random bits are drawn in the kernel, so a compiled program draws anew each time it runs."""

import math
import warnings

import numpy as np

from ..batch import random
from ..dtypes import B8
from ..generator import default_generator
from .apply import as_array
from .layer import array_of, layer, not_implemented, written
from .public import function
from .shape import unsqueeze
from .sizes import squeeze

# Klambauer et al., "Self-Normalizing Neural Networks", 2017: minus the product of selu's scale and alpha, its lowest value.
_LOWEST = -1.7580993408473766


def _kept(shape, p):
    """True with probability 1 - p."""
    from ..streams import bernoulli

    return random.numbers(lambda sizes: bernoulli(default_generator, sizes, B8, 1 - p), shape)


def _channels(shape):
    """The shape that gives every channel of (N, C, *) one number."""
    return (*shape[:2], *[1] * (len(shape) - 2))


def _dropout(x, *, p, by_channel):
    mask = _kept(_channels(x.shape) if by_channel else x.shape, p)
    out = as_array(x * mask)
    out *= x.dtype.type(1 / (1 - p))
    return out, mask


def _alpha_dropout(x, *, p, by_channel):
    mask = _kept(_channels(x.shape) if by_channel else x.shape, p)
    scale, kept, dropped = _affine(p)
    return np.where(mask, x * x.dtype.type(scale) + x.dtype.type(kept), x.dtype.type(dropped)), mask


def _affine(p):
    """The factor and the summand that restore mean 0 and variance 1, and what a dropped element becomes."""
    scale = 1 / math.sqrt((_LOWEST * _LOWEST * p + 1) * (1 - p))
    return scale, -_LOWEST * scale * p, _LOWEST * scale * (1 - p)


_dropout_op = layer("dropout", _dropout, (lambda g, mask, p: g * mask * (1 / (1 - p)),), extras=("mask",), node="MulBackward0",
                    symmetric=True)
_alpha_op = layer("alpha_dropout", _alpha_dropout, (lambda g, mask, p: g * mask * _affine(p)[0],), extras=("mask",),
                  node="AddBackward0", symmetric=True)


def _dropped(op, name, input, p, training, inplace, by_channel=False):
    array = array_of(input, name)
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if by_channel and array.ndim < 2:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    if not training or p == 0 or not array.size:
        return input
    if p == 1:
        zero = False if array.dtype.kind == "b" else 0 if array.dtype.kind in "iu" else 0.0
        return written(lambda x: x * zero, inplace, input)
    if array.dtype.kind in "biu":
        title = {"b": "Bool", "i": "Long", "u": "Byte"}[array.dtype.kind]
        raise RuntimeError(f"result type Float can't be cast to the desired output type {title}")
    if array.dtype.kind == "c":
        raise not_implemented("bernoulli_scalar_cpu_", array.dtype)
    return written(lambda x: op(x, p=p, by_channel=by_channel)[0], inplace, input)


@function(namespace="nn")
def dropout(input, p=0.5, training=True, inplace=False):
    """With `training`, every element is zeroed with probability p, and the others are multiplied by `1 / (1 - p)`.

    Without, or with p = 0, this is the input itself. Raises ValueError unless p is between 0 and 1.
    """
    return _dropped(_dropout_op, "dropout", input, p, training, inplace)


@function(namespace="nn")
def alpha_dropout(input, p=0.5, training=False, inplace=False):
    """As `dropout`, but dropped elements become selu's lowest value, and all are scaled and shifted so that mean 0 and
    variance 1 stay. See Klambauer et al., 2017, arXiv:1706.02515."""
    return _dropped(_alpha_op, "alpha_dropout", input, p, training, inplace)


@function(method=False)
def feature_dropout(input, p, train):
    """`dropout` of whole channels of (N, C, *). Raises RuntimeError below two dimensions."""
    return _dropped(_dropout_op, "feature_dropout", input, p, train, False, True)


@function(namespace="nn")
def feature_alpha_dropout(input, p=0.5, training=False, inplace=False):
    """`alpha_dropout` of whole channels of (N, C, *). Raises RuntimeError below two dimensions."""
    return _dropped(_alpha_op, "feature_alpha_dropout", input, p, training, inplace, True)


# ---- dropout of channels, by the number of dimensions ------------------------------------------------------------------
def _of_batch(name, input, p, training, inplace, unbatched):
    """Drop channels; an `unbatched` input is a batch of one."""
    if not unbatched:
        return _dropped(_dropout_op, name, input, p, training, inplace, True)
    result = _dropped(_dropout_op, name, unsqueeze(input, 0), p, training, inplace, True)
    return input if inplace else squeeze(result, 0)


def _check_probability(p):
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


@function(namespace="nn")
def dropout1d(input, p=0.5, training=True, inplace=False):
    """`dropout` of whole channels of (N, C, L) or (C, L). Raises RuntimeError for other numbers of dimensions."""
    _check_probability(p)
    ndim = array_of(input, "dropout1d").ndim
    if ndim not in (2, 3):
        raise RuntimeError(f"dropout1d: Expected 2D or 3D input, but received a {ndim}D input. Note that dropout1d exists to "
                           "provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an "
                           "optional batch dimension (i.e. 2D or 3D inputs).")
    return _of_batch("dropout1d", input, p, training, inplace, ndim == 2)


@function(namespace="nn")
def dropout2d(input, p=0.5, training=True, inplace=False):
    """`dropout` of whole channels of (N, C, H, W). Other numbers of dimensions work, with torch's warnings about them."""
    _check_probability(p)
    ndim = array_of(input, "dropout2d").ndim
    if ndim not in (3, 4):
        warnings.warn(f"dropout2d: Received a {ndim}-D input to dropout2d, which is deprecated and will result in an error in a "
                      "future release. To retain the behavior and silence this warning, please use dropout instead. Note that "
                      "dropout2d exists to provide channel-wise dropout on inputs with 2 spatial dimensions, a channel "
                      "dimension, and an optional batch dimension (i.e. 3D or 4D inputs).", stacklevel=3)
    elif ndim == 3:
        warnings.warn("dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired "
                      "- input is interpreted as shape (N, C, L), where C is the channel dim. This behavior will change in a "
                      "future release to interpret the input as one without a batch dimension, i.e. shape (C, H, W). To "
                      "maintain the 1D channel-wise dropout behavior, please switch to using dropout1d instead.", stacklevel=3)
    return _of_batch("dropout2d", input, p, training, inplace, False)


@function(namespace="nn")
def dropout3d(input, p=0.5, training=True, inplace=False):
    """`dropout` of whole channels of (N, C, D, H, W) or (C, D, H, W). Other numbers of dimensions work, with a warning."""
    _check_probability(p)
    ndim = array_of(input, "dropout3d").ndim
    if ndim not in (4, 5):
        warnings.warn(f"dropout3d: Received a {ndim}-D input to dropout3d, which is deprecated and will result in an error in a "
                      "future release. To retain the behavior and silence this warning, please use dropout instead. Note that "
                      "dropout3d exists to provide channel-wise dropout on inputs with 3 spatial dimensions, a channel "
                      "dimension, and an optional batch dimension (i.e. 4D or 5D inputs).", stacklevel=3)
    return _of_batch("dropout3d", input, p, training, inplace, ndim == 4)
