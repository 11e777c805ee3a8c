"""Jacobians as `gradcheck` compares them: by central differences, by going backward, by going forward.

They have a row for each direction in which the input moves and a column for each direction in which the output is looked
at: each element on its own in slow mode, one random direction in fast mode.
"""

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ... import ops
from ...engine import grad
from ...factories import zeros, zeros_like
from ...graph import Tensor
from ...sampling import rand


class Case(NamedTuple):
    """A function at a point, real on the side that is gone through element by element: outputs, in forward mode inputs."""

    func: Any
    inputs: tuple
    outputs: tuple  # what it returned there; of these, those that have derivatives
    forward: bool = False
    complex: tuple = ()  # where in truth there is a complex number, of which only a part is looked at
    part: str = "real"

    @property
    def variables(self):
        """The positions of the inputs that require gradients."""
        return [i for i, value in enumerate(self.inputs) if isinstance(value, Tensor) and value.requires_grad]

    @property
    def results(self):
        """The positions of the outputs that require gradients."""
        return [j for j, output in enumerate(self.outputs) if output.requires_grad]


class Direction(NamedTuple):
    """Where an input moves: flat vectors for its real and its imaginary part; `index` if only one element moves."""

    real: Any
    imag: Any
    index: Any = None

    def dot(self, gradient):
        """How a function with that gradient, flat, changes in this direction; its parts in those of a complex number."""
        if gradient.is_complex():
            return gradient.real.dot(self.real) + 1j * gradient.imag.dot(self.imag)
        return gradient.dot(self.real)

    def sum(self):
        """The sum of all elements."""
        return float(self.real.sum()) + (0.0 if self.imag is None else float(self.imag.sum()))


def as_tuple(value):
    """A tuple of what a function takes or returns: itself if it is one, else of its items if a list, else of it alone."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def floating(values):
    """Those that have derivatives: tensors of floating point or complex numbers."""
    return tuple([v for v in as_tuple(values) if isinstance(v, Tensor) and (v.is_floating_point() or v.is_complex())])


def unit_vectors(tensor):
    """The flat unit vectors of the tensor's size, one after the other."""
    for i in range(tensor.numel()):
        vector = zeros(tensor.numel(), dtype=tensor.dtype.to_real())
        vector[i] = 1
        yield vector


def unit_directions(tensor):
    """Every element of the tensor on its own; both parts of a complex one."""
    for i, vector in enumerate(unit_vectors(tensor)):
        yield Direction(vector, vector, tuple(map(int, np.unravel_index(i, tensor.shape))))


def random_vector(tensor, generator):
    """A flat vector of the tensor's size with length one, and no negative element."""
    vector = rand(tensor.numel(), generator=generator).to(tensor.dtype.to_real())
    return vector / vector.norm()


def random_direction(tensor, generator):
    """A random vector for each part."""
    return Direction(random_vector(tensor, generator), random_vector(tensor, generator) if tensor.is_complex() else None)


# ---- by central differences ----------------------------------------------------------------------------------------------
def numerical_jacobian(case, position, directions, eps):
    """The Jacobians of all outputs with respect to the input at `position`, for moves of `eps` along `directions`.

    For a complex input z = x + iy: d/dx + i d/dy, twice the conjugate Wirtinger derivative (arXiv:1701.00392, 3.5.3), which
    is what a gradient is in torch. Raises AssertionError if outputs change shape or dtype as the input moves.
    """
    rows = [_derivatives(case, position, direction, eps) for direction in directions]
    return _by_output(rows, case.outputs)


def _by_output(rows, outputs):
    return [ops.stack([row[j] for row in rows]) if rows else output.new_zeros(0, output.numel())
            for j, output in enumerate(outputs)]


def _derivatives(case, position, direction, eps):
    shape = case.inputs[position].shape
    difference = partial(_difference, case, position, eps=eps, index=direction.index)
    along = difference(direction.real.reshape(shape) * eps)
    if not case.inputs[position].is_complex():
        return along
    across = difference(direction.imag.reshape(shape) * eps * 1j)
    return [x + y * 1j for x, y in zip(along, across, strict=True)]


def _difference(case, position, step, eps, index):
    entry = case.inputs[position].data  # the memory of the very tensor that the function may hold: its history stays
    start = entry.clone()
    try:
        before, after = [_outputs_at(case, entry, place) for place in (start - step, start + step)]
    finally:
        entry.copy_(start)
    for low, high in zip(before, after, strict=True):
        _check_unchanged("shape", low.shape, high.shape, eps, index)
        _check_unchanged("dtype", low.dtype, high.dtype, eps, index)
    return [((high - low) / (2 * eps)).detach().reshape(-1) for low, high in zip(before, after, strict=True)]


def _outputs_at(case, entry, place):
    entry.copy_(place)
    return [output.clone() for output in floating(case.func(*case.inputs))]  # it may return its inputs, which go on moving


def _check_unchanged(what, low, high, eps, index):
    if low != high:
        where = "" if index is None else f"on index {index} "
        raise AssertionError(f"Expected `func` to return outputs with the same {what} when inputs are perturbed {where}by "
                             f"{eps}, but got: {what}s {low} and {high}.")


# ---- by going backward ---------------------------------------------------------------------------------------------------
def backward_jacobian(output, inputs, vectors):
    """The Jacobians of `output` with respect to all `inputs`, with a column for each of `vectors`, the output's gradients."""
    columns = [grad(output, inputs, vector.reshape(output.shape), retain_graph=True, allow_unused=True) for vector in vectors]
    return [ops.stack([_flat(column[i], input) for column in columns], 1) if columns else input.new_zeros(input.numel(), 0)
            for i, input in enumerate(inputs)]


def _flat(gradient, input):
    return (zeros_like(input) if gradient is None else gradient).reshape(-1)


# ---- by going forward ----------------------------------------------------------------------------------------------------
def forward_jacobian(case, position, directions, checked=None):
    """The Jacobians of all outputs with respect to the input at `position`, with a row for each of `directions`.

    `checked` is called with each output and its tangent.
    """
    rows = []
    for direction in directions:
        tangents = {i: zeros_like(case.inputs[i]) for i in case.variables}
        tangents[position] = direction.real.reshape(case.inputs[position].shape)
        rows.append([tangent.reshape(-1) for tangent in pushed_forward(case, tangents, checked)])
    return _by_output(rows, case.outputs)


def pushed_forward(case, tangents, checked=None):
    """The tangents of the outputs; `tangents` has those of the inputs by position. Where there is none, zeros."""
    from .. import forward_ad

    with forward_ad.dual_level():
        inputs = [value.detach() if i in case.variables else value for i, value in enumerate(case.inputs)]
        for i, tangent in tangents.items():
            inputs[i] = forward_ad.make_dual(inputs[i], tangent)
        found = [forward_ad.unpack_dual(output) for output in floating(case.func(*inputs))]
    for output, tangent in found:
        if checked is not None and tangent is not None:
            checked(output, tangent)
    return [zeros_like(output) if tangent is None else tangent for output, tangent in found]
