"""Convolution on arrays: the operation, and its gradients by input and by weight.

Arrays are (N, C, *spatial), weights (O, C / groups, *kernel), of any number of spatial dimensions. The windows are laid out as
the columns of matrices (im2col) in one of two orders, whichever copies longer runs of memory: with the channels first if there
are few, or the images are wide; else with the channels last. Batches are worked on in parts, which keeps the columns in cache.
"""

import math
from itertools import product

import numpy as np

from .shape import strided

PART = 1 << 19  # elements that the columns of a part of a batch may have
FEW = 4  # channels
WIDE = 20  # pixels


def output_size(size, kernel, stride, padding, dilation):
    """The spatial sizes of a convolution's output; `padding` is one pair (before, after) a dimension."""
    return tuple([(n + lo + hi - d * (k - 1) - 1) // s + 1
                  for n, k, s, (lo, hi), d in zip(size, kernel, stride, padding, dilation, strict=True)])


# ---- arranging pixels ------------------------------------------------------------------------------------------------
def _padded_first(x, padding):
    """(N, C, *spatial), contiguous, with zeros around."""
    if not any(map(any, padding)):
        return np.ascontiguousarray(x)
    whole = np.zeros((*x.shape[:2], *[n + lo + hi for n, (lo, hi) in zip(x.shape[2:], padding, strict=True)]), x.dtype)
    whole[(..., *_inside(x.shape[2:], padding))] = x
    return whole


def _padded_last(x, padding):
    """(N, *spatial, C), contiguous, with zeros around."""
    shape = [n + lo + hi for n, (lo, hi) in zip(x.shape[2:], padding, strict=True)]
    whole = np.zeros((x.shape[0], *shape, x.shape[1]), x.dtype)
    whole[(slice(None), *_inside(x.shape[2:], padding))] = _channels_last(x)
    return whole


def _channels_last(x):
    return x.transpose(0, *range(2, x.ndim), 1)


def _channels_first(x):
    return x.transpose(0, x.ndim - 1, *range(1, x.ndim - 1))


def _inside(size, padding):
    return tuple([slice(lo, lo + n) for n, (lo, _) in zip(size, padding, strict=True)])


def _at(offset, size, stride, dilation):
    """The pixels that the kernel's element at `offset` meets, as slices of the padded dimensions."""
    return tuple([slice(i * d, i * d + (n - 1) * s + 1, s) for i, n, s, d in zip(offset, size, stride, dilation, strict=True)])


def _windows_first(p, kernel, size, stride, dilation):
    """A view (N, C, *kernel, *size) of padded pixels."""
    steps = p.strides[2:]
    return strided(p, (*p.shape[:2], *kernel, *size), (
        *p.strides[:2], *[t * d for t, d in zip(steps, dilation, strict=True)],
        *[t * s for t, s in zip(steps, stride, strict=True)]), 0)


def _windows_last(p, kernel, size, stride, dilation):
    """A view (N, *size, *kernel, C) of padded pixels."""
    steps = p.strides[1:-1]
    return strided(p, (p.shape[0], *size, *kernel, p.shape[-1]), (
        p.strides[0], *[t * s for t, s in zip(steps, stride, strict=True)],
        *[t * d for t, d in zip(steps, dilation, strict=True)], p.strides[-1]), 0)


def _parts(count, elements):
    """Slices of a batch of `count` images whose columns have so many `elements` each."""
    step = max(1, PART // max(elements, 1))
    return [slice(i, min(i + step, count)) for i in range(0, count, step)]


def _use_last(channels, groups, size):
    return groups == 1 and channels >= FEW and size[-1] < WIDE


# ---- the operation ---------------------------------------------------------------------------------------------------
def correlate(x, w, b, *, size, stride, padding, dilation, groups):
    """The convolution of x with w, plus the bias b (None: zero): the first outputs, as many as `size` says."""
    kernel = w.shape[2:]
    out = np.empty((x.shape[0], w.shape[0], *size), x.dtype)
    if not out.size or not w.size:
        out[...] = 0
    elif math.prod(kernel) == 1 and not any(map(any, padding)):
        _pointwise(x[(..., *_at((0,) * len(kernel), size, stride, dilation))], w, out, groups)
    elif w.shape[1] == 1 < groups:
        _depthwise(x, w, out, stride, padding, dilation)
    elif _use_last(x.shape[1], groups, size):
        _correlate_last(x, w, out, stride, padding, dilation)
    else:
        _correlate_first(x, w, out, stride, padding, dilation, groups)
    if b is not None:
        out += b.reshape(-1, *[1] * len(size))
    return out


def _pointwise(x, w, out, groups):
    n, c = x.shape[:2]
    np.matmul(w.reshape(groups, -1, c // groups), x.reshape(n, groups, c // groups, -1),
              out=out.reshape(n, groups, w.shape[0] // groups, -1))


def _correlate_first(x, w, out, stride, padding, dilation, groups):
    kernel, size = w.shape[2:], out.shape[2:]
    weights = w.reshape(groups, w.shape[0] // groups, -1)
    rows, pixels = weights.shape[2], math.prod(size)
    for part in _parts(len(x), rows * groups * pixels):
        columns = _windows_first(_padded_first(x[part], padding), kernel, size, stride, dilation)
        piece = out[part]
        np.matmul(weights, columns.reshape(len(piece), groups, rows, pixels), out=piece.reshape(len(piece), groups, -1, pixels))


def _correlate_last(x, w, out, stride, padding, dilation):
    kernel, size, channels = w.shape[2:], out.shape[2:], w.shape[0]
    weights = w.transpose(*range(2, w.ndim), 1, 0).reshape(-1, channels)
    pixels = math.prod(size)
    for part in _parts(len(x), len(weights) * pixels):
        columns = _windows_last(_padded_last(x[part], padding), kernel, size, stride, dilation)
        piece = out[part]
        result = columns.reshape(-1, len(weights)) @ weights
        piece.reshape(len(piece), channels, pixels)[...] = result.reshape(len(piece), pixels, channels).swapaxes(1, 2)


def _depthwise(x, w, out, stride, padding, dilation):
    """One input channel a group: a multiplication and an addition for every element of the kernel."""
    kernel, size, groups = w.shape[2:], out.shape[2:], x.shape[1]
    weights = w.reshape(groups, -1, math.prod(kernel))
    padded = _padded_first(x, padding)
    whole = out.reshape(len(x), groups, -1, *size)
    term = np.empty_like(whole)
    for place, offset in enumerate(product(*map(range, kernel))):
        pixels = padded[(..., *_at(offset, size, stride, dilation))][:, :, None]
        factor = weights[:, :, place].reshape(groups, -1, *[1] * len(size))
        if place:
            np.multiply(pixels, factor, out=term)
            whole += term
        else:
            np.multiply(pixels, factor, out=whole)


# ---- its gradient by the input -----------------------------------------------------------------------------------------
def scatter(y, w, b, *, size, stride, padding, dilation, groups):
    """The transposed convolution of y: the gradient of `correlate` by an input of spatial `size`, plus the bias b."""
    channels = w.shape[1] * groups
    padded = [n + lo + hi for n, (lo, hi) in zip(size, padding, strict=True)]
    if not y.size or not w.size:
        whole = np.zeros((len(y), channels, *padded), y.dtype)
    elif groups == 1 and channels >= FEW:
        whole = _scatter_last(y, w, padded, stride, dilation)
    else:
        whole = _scatter_first(y, w, padded, stride, dilation, groups)
    if any(map(any, padding)):
        whole = whole[(..., *_inside(size, padding))]
    whole = np.ascontiguousarray(whole)
    if b is not None:
        whole += b.reshape(-1, *[1] * len(size))
    return whole


def _scatter_first(y, w, padded, stride, dilation, groups):
    kernel, size, n = w.shape[2:], y.shape[2:], len(y)
    whole = np.zeros((n, w.shape[1] * groups, *padded), y.dtype)
    weights = w.reshape(groups, w.shape[0] // groups, -1).swapaxes(1, 2)
    for part in _parts(n, weights.shape[0] * weights.shape[1] * math.prod(size)):
        piece = y[part]
        columns = np.matmul(weights, piece.reshape(len(piece), groups, weights.shape[2], -1))
        columns = columns.reshape(len(piece), -1, *kernel, *size)
        target = whole[part]
        for offset in product(*map(range, kernel)):
            target[(..., *_at(offset, size, stride, dilation))] += columns[(slice(None), slice(None), *offset)]
    return whole


def _scatter_last(y, w, padded, stride, dilation):
    size, n = y.shape[2:], len(y)
    whole = np.zeros((n, *padded, w.shape[1]), y.dtype)
    weights = np.ascontiguousarray(w.transpose(*range(2, w.ndim), 0, 1))
    for part in _parts(n, max(w.shape[:2]) * math.prod(size)):
        rows = _channels_last(y[part]).reshape(-1, y.shape[1])
        target = whole[part]
        for offset in product(*map(range, w.shape[2:])):
            values = (rows @ weights[offset]).reshape(len(target), *size, -1)
            target[(slice(None), *_at(offset, size, stride, dilation))] += values
    return _channels_first(whole)


# ---- its gradient by the weight ----------------------------------------------------------------------------------------
def weigh(y, x, *, kernel, stride, padding, dilation, groups):
    """The gradient of `correlate` by a weight with this `kernel`, if y is the gradient of its output and x its input."""
    size, channels = y.shape[2:], x.shape[1] // groups
    if not y.size or not x.size or not math.prod(kernel):
        return np.zeros((y.shape[1], channels, *kernel), y.dtype)
    if channels == 1 < groups:
        return _weigh_depthwise(y, x, kernel, stride, padding, dilation)
    if groups == 1 and channels >= FEW and math.prod(kernel) > 1:
        return _weigh_last(y, x, kernel, stride, padding, dilation)
    rows, pixels = channels * math.prod(kernel), math.prod(size)
    whole = 0
    for part in _parts(len(x), rows * groups * pixels):
        columns = _windows_first(_padded_first(x[part], padding), kernel, size, stride, dilation)
        piece = y[part]
        columns = columns.reshape(len(piece), groups, rows, pixels).swapaxes(2, 3)
        whole += np.matmul(piece.reshape(len(piece), groups, -1, pixels), columns).sum(0)
    return whole.reshape(y.shape[1], channels, *kernel)


def _weigh_last(y, x, kernel, stride, padding, dilation):
    size, channels = y.shape[2:], x.shape[1]
    rows = channels * math.prod(kernel)
    whole = 0
    for part in _parts(len(x), rows * math.prod(size)):
        columns = _windows_last(_padded_last(x[part], padding), kernel, size, stride, dilation)
        whole += _channels_last(y[part]).reshape(-1, y.shape[1]).T @ columns.reshape(-1, rows)
    return np.ascontiguousarray(_channels_first(whole.reshape(y.shape[1], *kernel, channels)))


def _weigh_depthwise(y, x, kernel, stride, padding, dilation):
    size, groups = y.shape[2:], x.shape[1]
    padded = _padded_first(x, padding)
    gradient = y.reshape(len(y), groups, -1, math.prod(size))
    whole = np.empty((groups, gradient.shape[2], *kernel), y.dtype)
    for offset in product(*map(range, kernel)):
        pixels = padded[(..., *_at(offset, size, stride, dilation))].reshape(len(y), groups, -1)
        whole[(..., *offset)] = np.einsum("ngmp,ngp->gm", gradient, pixels)
    return whole.reshape(y.shape[1], 1, *kernel)
