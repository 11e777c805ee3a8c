"""Samples of convolutions, against loops over the kernel."""

from itertools import product

import numpy as np

from .sample import Sample

RNG = np.random.default_rng(24)


def _many(value, count):
    return value if isinstance(value, tuple) else (value,) * count


def correlate(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """The definition of a convolution: a sum over the elements of the kernel."""
    ndim = w.ndim - 2
    stride, padding, dilation = _many(stride, ndim), _many(padding, ndim), _many(dilation, ndim)
    x = np.pad(x, [(0, 0), (0, 0), *[(p, p) for p in padding]])
    size = [(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(x.shape[2:], w.shape[2:], stride, dilation, strict=True)]
    x = x.reshape(len(x), groups, x.shape[1] // groups, *x.shape[2:])
    w = w.reshape(groups, -1, *w.shape[1:])
    out = np.zeros((len(x), groups, w.shape[1], *size))
    for at in product(*map(range, w.shape[3:])):
        starts = [i * d for i, d in zip(at, dilation, strict=True)]
        pixels = x[(..., *[slice(i, i + (n - 1) * s + 1, s) for i, n, s in zip(starts, size, stride, strict=True)])]
        out += np.einsum("ngc...,goc->ngo...", pixels, w[(..., *at)])
    out = out.reshape(len(x), groups * w.shape[1], *size)
    return out if b is None else out + b.reshape(-1, *[1] * ndim)


def _sample(x, w, bias=True, name="", **kwargs):
    channels = w[0]
    x, w = RNG.normal(size=x), RNG.normal(size=w)
    args = (x, w, RNG.normal(size=channels)) if bias else (x, w)
    plain = x.ndim == w.ndim and not isinstance(kwargs.get("padding"), str)
    return Sample(args, kwargs, correlate(*args, **kwargs) if plain else None, name=name)


def _transposed(x, w, channels=None, name="", **kwargs):
    x, w = RNG.normal(size=x), RNG.normal(size=w)
    return Sample((x, w) if channels is None else (x, w, RNG.normal(size=channels)), kwargs, name=name)


SAMPLES = {
    "conv1d": [
        _sample((2, 3, 7), (4, 3, 3)), _sample((2, 4, 7), (4, 2, 3), groups=2, stride=2, padding=1),
        _sample((3, 7), (4, 3, 3), name="unbatched"), _sample((2, 3, 7), (4, 3, 2), padding="same", dilation=2),
    ],
    "conv2d": [
        _sample((2, 3, 5, 6), (4, 3, 3, 2)), _sample((2, 3, 6, 5), (4, 3, 3, 3), False, stride=(2, 1), padding=(1, 2)),
        _sample((2, 5, 6, 5), (3, 5, 3, 2), stride=2, padding=1, dilation=2, name="channels last"),
        _sample((1, 5, 3, 21), (2, 5, 2, 2), name="wide"), _sample((2, 1, 4, 5), (3, 1, 2, 2), padding=1, name="one channel"),
        _sample((2, 4, 5, 4), (6, 2, 2, 3), groups=2, padding=1, name="groups"),
        _sample((2, 3, 5, 4), (6, 1, 2, 3), groups=3, stride=2, padding=1, name="depthwise"),
        _sample((2, 3, 4, 5), (4, 3, 1, 1), name="pointwise"), _sample((2, 4, 4, 5), (4, 2, 1, 1), groups=2, stride=2),
        _sample((3, 5, 6), (4, 3, 3, 3), padding="same", name="unbatched"), _sample((0, 3, 5, 6), (4, 3, 3, 2), name="empty"),
    ],
    "conv3d": [_sample((2, 2, 4, 3, 4), (3, 2, 2, 2, 3), padding=(0, 1, 1)), _sample((1, 5, 3, 3, 4), (2, 5, 2, 2, 2), stride=2)],
    "conv_transpose1d": [_transposed((2, 3, 4), (3, 2, 3), 2), _transposed((3, 4), (3, 2, 3), stride=2, output_padding=1)],
    "conv_transpose2d": [
        _transposed((2, 3, 3, 4), (3, 2, 3, 2), 2),
        _transposed((2, 3, 3, 2), (3, 5, 3, 3), 5, stride=2, padding=1, output_padding=1),
        _transposed((2, 4, 3, 2), (4, 2, 2, 2), 4, groups=2, stride=2),
        _transposed((1, 2, 3, 3), (2, 2, 2, 2), dilation=2, output_padding=1),
    ],
    "conv_transpose3d": [_transposed((1, 2, 2, 3, 2), (2, 3, 2, 2, 3), 3, stride=(1, 2, 1), padding=1)],
}
