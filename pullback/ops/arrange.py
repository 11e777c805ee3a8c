"""Copies with the numbers in other places: repeated, flipped, rolled, rotated, cut to a triangle, padded."""

import numpy as np

from ..batch import row_major, zeros
from ..shapes import wrap_dim, wrap_dims
from .public import function
from .record import Op, linear
from .reduce import sum as sum_over
from .shape import given_sizes, reshape, shape_of, slice_op


def _laid_out(window):
    """A copy that keeps the order of the dimensions in memory, without negative strides."""
    return window.copy("K")


# ---- repeating -------------------------------------------------------------------------------------------------------
def _repeat(x, *, repeats):
    return row_major(np.tile(x, repeats))


def _sum_repeats(g, x_shape, repeats):
    lead = len(repeats) - len(x_shape)
    apart = [part for count, size in zip(repeats, (1,) * lead + x_shape, strict=True) for part in (count, size)]
    return reshape(sum_over(reshape(g, apart), tuple(range(0, len(apart), 2))), x_shape)


_repeat_op = linear("repeat", _repeat, _sum_repeats)


@function(namespace="tensor")
def repeat(input, *args, repeats=None):
    """A copy with the tensor repeated along each dimension; more repeats than dimensions add leading ones.

    Raises RuntimeError on fewer repeats than dimensions.
    """
    shape, repeats = shape_of(input), given_sizes("repeat", "repeats", args, repeats)
    if len(repeats) < len(shape):
        raise RuntimeError("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor")
    if any(count < 0 for count in repeats):
        whole = [count * size for count, size in zip(repeats, (1,) * (len(repeats) - len(shape)) + shape, strict=True)]
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(whole)}: {whole}")
    return _repeat_op(input, repeats=repeats)


@function
def tile(input, *args, dims=None):
    """`repeat` that takes fewer repeats than dimensions: they count from the last."""
    dims, ndim = given_sizes("tile", "dims", args, dims), len(shape_of(input))
    return _repeat_op(input, repeats=(1,) * (ndim - len(dims)) + dims)


# ---- turning ---------------------------------------------------------------------------------------------------------
_flip_op = linear("flip", lambda x, *, dims: _laid_out(np.flip(x, dims)), lambda g, dims: _flip_op(g, dims=dims))
_roll_op = linear("roll", lambda x, *, shifts, dims: np.roll(x, shifts, dims or None),  # without dims: as if flat
                  lambda g, shifts, dims: _roll_op(g, shifts=tuple([-shift for shift in shifts]), dims=dims))
_rot90_op = linear("rot90", lambda x, *, k, dims: _laid_out(np.rot90(x, k, dims)),
                   lambda g, k, dims: _rot90_op(g, k=-k, dims=dims))


@function
def flip(input, *args, dims=None):
    """A copy with the order of the entries along `dims` reversed."""
    dims = given_sizes("flip", "dims", args, dims)
    return _flip_op(input, dims=wrap_dims(dims, len(shape_of(input))) if dims else ())


@function
def fliplr(input):
    """A copy with the entries along dimension 1 reversed. Raises RuntimeError below two dimensions."""
    if len(shape_of(input)) < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return flip(input, 1)


@function
def flipud(input):
    """A copy with the entries along dimension 0 reversed. Raises RuntimeError on a 0-dim tensor."""
    if not shape_of(input):
        raise RuntimeError("Input must be >= 1-d.")
    return flip(input, 0)


@function
def roll(input, shifts, dims=()):
    """A copy with the entries moved by `shifts` along `dims`, those that leave coming in at the other end.

    Without `dims` the tensor is rolled as if flat. Raises RuntimeError if there are not as many dims as shifts.
    """
    shifts, dims = given_sizes("roll", "shifts", (shifts,)), given_sizes("roll", "dims", (dims,))
    if not shifts:
        raise RuntimeError("`shifts` required")
    if len(shifts) != len(dims) and (dims or len(shifts) > 1):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(shifts)}, dims:{len(dims)}")
    ndim = len(shape_of(input))
    dims = tuple([wrap_dim(dim, ndim) for dim in dims])
    return _roll_op(input, shifts=shifts, dims=dims)


@function
def rot90(input, k=1, dims=(0, 1)):
    """A copy turned by 90 degrees `k` times in the plane of two dimensions, from the first towards the second.

    Raises RuntimeError unless two different dimensions are given.
    """
    ndim, dims = len(shape_of(input)), tuple(dims)
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if ndim < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {ndim}")
    plane = tuple([wrap_dim(dim, ndim) for dim in dims])
    if plane[0] == plane[1]:
        raise RuntimeError(f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}")
    return _rot90_op(input, k=k % 4, dims=plane)


# ---- triangles -------------------------------------------------------------------------------------------------------
def _triangle(name, cut):
    return linear(name, lambda x, *, diagonal: cut(row_major(x), diagonal), lambda g, diagonal: _TRIANGLES[name](
        g, diagonal=diagonal))


_TRIANGLES = {"tril": _triangle("tril", np.tril), "triu": _triangle("triu", np.triu)}


def _check_matrix(name, input):
    if len(shape_of(input)) < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")


@function(inplace=True, out=True)
def tril(input, diagonal=0):
    """A copy of the matrices in the last two dimensions with zeros above a diagonal (0 the main one, above it positive)."""
    _check_matrix("tril", input)
    return _TRIANGLES["tril"](input, diagonal=diagonal)


@function(inplace=True, out=True)
def triu(input, diagonal=0):
    """A copy of the matrices in the last two dimensions with zeros below a diagonal (0 the main one, above it positive)."""
    _check_matrix("triu", input)
    return _TRIANGLES["triu"](input, diagonal=diagonal)


# ---- padding ---------------------------------------------------------------------------------------------------------
def _pad(x, *, widths, value):
    """`widths`: for each dimension what is added in front and behind; a negative number cuts that much off."""
    kept = x[tuple([slice(max(-a, 0), size - max(-b, 0)) for (a, b), size in zip(widths, x.shape, strict=True)])]
    shape = [size + a + b for (a, b), size in zip(widths, x.shape, strict=True)]
    whole = zeros(shape, x.dtype, x)
    if value:
        whole[...] = value
    whole[tuple([slice(max(a, 0), max(a, 0) + size) for (a, _), size in zip(widths, kept.shape, strict=True)])] = kept
    return whole


_pad_op = Op("constant_pad_nd", _pad,
             (lambda g, widths: _pad_op(g, widths=tuple([(-a, -b) for a, b in widths]), value=0),))


@function(method=False)
def constant_pad_nd(input, pad, value=0):
    """A copy with `value` added around it: `pad` holds the widths in front of and behind the last dimension, then of the one
    before it, and so on; negative widths cut off. Raises RuntimeError on an odd number of widths, or too many.
    """
    shape, pad = shape_of(input), tuple(pad)
    if len(pad) % 2:
        raise RuntimeError(f"Length of pad must be even but instead it equals {len(pad)}")
    if len(pad) > 2 * len(shape):
        raise RuntimeError("Length of pad should be no more than twice the number of dimensions of the input. Pad length is "
                           f"{len(pad)}while the input has {len(shape)}dimensions.")
    widths = [(0, 0)] * (len(shape) - len(pad) // 2) + [pad[i : i + 2] for i in range(len(pad) - 2, -1, -2)]
    for i, ((a, b), size) in enumerate(zip(widths, shape, strict=True)):
        if min(a, 0) + min(b, 0) + size < 0:
            raise RuntimeError("narrow(): length must be non-negative.")
        if size + a + b < 0:
            raise RuntimeError(f"The input size {size}, plus negative padding {a} and {b} resulted in a negative output size, "
                               f"which is invalid. Check dimension {i} of your input.")
    return _pad_op(input, widths=tuple(widths), value=value)


# ---- matrices of matrices --------------------------------------------------------------------------------------------
def _corners(shapes_):
    """Where each of the blocks lies: pairs of slices."""
    corners, row, column = [], 0, 0
    for height, width in shapes_:
        corners.append((slice(row, row + height), slice(column, column + width)))
        row, column = row + height, column + width
    return corners


def _place_blocks(*matrices, blocks):
    height, width = [sum([block[i] for block in blocks]) for i in (0, 1)]
    whole = zeros((height, width), np.result_type(*matrices), *matrices)
    for matrix, corner in zip(matrices, _corners(blocks), strict=True):
        whole[corner] = matrix
    return whole


_block_diag = Op("block_diag", _place_blocks, lambda g, blocks: [slice_op(g, index=corner) for corner in _corners(blocks)],
                 linear=True)


@function(method=False)
def block_diag(*tensors):
    """The matrix with the given ones (vectors count as rows) along its diagonal and zeros elsewhere."""
    matrices = [reshape(value, (1,) * (2 - len(shape_of(value))) + shape_of(value)) for value in tensors]
    return _block_diag(*matrices, blocks=tuple([shape_of(matrix) for matrix in matrices]))
