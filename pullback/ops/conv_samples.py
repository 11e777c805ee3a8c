"""Convolution over the samples of a `vmap`: one convolution for all.

Samples with the same weights are more images of a batch; where the weights differ, each sample is a group of its own.
"""

import numpy as np

from ..batch import Batched, at, everywhere, innermost


def over_samples(kernel, images):
    """`kernel`, the first `images` of whose inputs are (N, C, *spatial), taking batched arrays as well.

    With one such input the result is images too; with two it is weights, which are no images' sum over those of others.
    """

    def call(*arrays, groups, **params):
        if Batched not in map(type, arrays):
            return kernel(*arrays, groups=groups, **params)
        level = innermost(arrays, {})
        if images == 1 and not any([at(array, level) for array in arrays[1:]]):
            return _as_images(call, level, arrays, groups, params)
        return _as_groups(call, level, arrays, groups, params, images)

    return call


def _as_images(call, level, arrays, groups, params):
    x = arrays[0].array
    result = call(x.reshape((-1, *x.shape[2:])), *arrays[1:], groups=groups, **params)
    return Batched(result.reshape((*x.shape[:2], *result.shape[1:])), level)


def _as_groups(call, level, arrays, groups, params, images):
    joined = [array if array is None else _joined(array.array, place < images)
              for place, array in enumerate(everywhere(arrays))]
    result = call(*joined, groups=groups * level.size, **params)
    axis = 1 if images == 1 else 0
    shape = result.shape
    apart = result.reshape((*shape[:axis], level.size, shape[axis] // level.size, *shape[axis + 1:]))
    return Batched(np.moveaxis(apart, axis, 0), level)


def _joined(array, images):
    """The samples' channels one after the other: of images (B, N, C, *spatial), or weights (B, O, ...)."""
    array = np.moveaxis(array, 0, 1) if images else array
    axis = 1 if images else 0
    shape = array.shape
    return array.reshape((*shape[:axis], shape[axis] * shape[axis + 1], *shape[axis + 2:]))
