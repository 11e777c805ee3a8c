"""Dimensions under other names and in other orders, and the in-place variants that change how a tensor sees its memory."""

from .. import errors
from ..graph import Tensor, storage_of
from ..mode import settled
from ..origin import here
from ..shapes import wrap_dim
from .inplace import relocate, renew_views, target_first
from .public import function
from .record import linear
from .shape import alias, permute, reshape, shape_of, transpose
from .sizes import squeezed


@function
def swapaxes(input, axis0, axis1):
    """`transpose` under NumPy's name."""
    return transpose(input, axis0, axis1)


@function
def swapdims(input, dim0, dim1):
    """`transpose` under another name."""
    return transpose(input, dim0, dim1)


@function
def adjoint(input):
    """The last two dimensions swapped, conjugated if complex."""
    swapped = transpose(input, -2, -1)
    return swapped.conj() if swapped.dtype.is_complex else swapped


@function
def movedim(input, source, destination):
    """A view with the dimensions `source` (an int or several) at the places `destination`, the others in their order.

    Raises RuntimeError on repeated dimensions or if there are not as many of one as of the other.
    """
    ndim = len(shape_of(input))
    source, destination = [(dims,) if hasattr(dims, "__index__") else tuple(dims) for dims in (source, destination)]
    if len(source) != len(destination):
        raise RuntimeError(f"movedim: Invalid source or destination dims: source ({list(source)} dims) should contain the same "
                           f"number of dims as destination ({list(destination)} dims)")
    sources, targets = [[wrap_dim(dim, ndim) for dim in dims] for dims in (source, destination)]
    for name, wrapped, given in (("source", sources, source), ("destination", targets, destination)):
        if len(set(wrapped)) < len(wrapped):
            raise RuntimeError(f"movedim: repeated dim in `{name}` ({list(given)})")
    if not ndim:
        return alias(input)
    rest = iter([dim for dim in range(ndim) if dim not in sources])
    placed = dict(zip(targets, sources, strict=True))
    return permute(input, [placed[i] if i in placed else next(rest) for i in range(ndim)])


@function
def moveaxis(input, source, destination):
    """`movedim` under NumPy's name."""
    return movedim(input, source, destination)


# ---- in place: the numbers stay where they are, the tensor sees them in another shape --------------------------------
_REORDER = linear("transpose_", lambda x, *, dim0, dim1: x.swapaxes(dim0, dim1) if x.ndim else x[...],
                  lambda g, dim0, dim1: transpose(g, dim0, dim1), node="TransposeBackward1")
_T = linear("t_", lambda x: x.T, lambda g: g.T, node="TBackward1")
_UNSQUEEZE = linear("unsqueeze_", lambda x, *, shape: x.reshape(shape), lambda g, x_shape: reshape(g, x_shape),
                    node="UnsqueezeBackward1")
_SQUEEZE = [linear(name, lambda x, *, dims: x.squeeze(dims), lambda g, x_shape: reshape(g, x_shape),
                   node=f"SqueezeBackward{i}") for i, name in enumerate(("squeeze_", "squeeze_dim_", "squeeze_dims_"), 3)]


def look_through(op, tensor, **params):
    """Let `tensor` see its memory as the view `op` gives it, with its history. Returns `tensor`."""
    if not isinstance(tensor, Tensor):
        raise errors.not_tensor(op.name, "input", 1, tensor)
    mode = settled()
    if tensor._inference is True and not mode.inference:
        raise RuntimeError(errors.INFERENCE_WRITE)
    seen = op(tensor, **params)
    relocate(tensor, seen._array)
    if mode.recording:
        tensor._edge = seen._edge
    for level in mode.duals:
        if level.of(seen) is not None:
            level.set(tensor, level.of(seen))
    storage_of(tensor).write(place=here(2))
    if mode.recording:
        renew_views(tensor if tensor._base is None else tensor._base, tensor)
    return tensor


@function(namespace="tensor")
@target_first
def transpose_(input, dim0, dim1):
    """Swap two dimensions of this tensor, without moving a number."""
    ndim = len(shape_of(input))
    return look_through(_REORDER, input, dim0=wrap_dim(dim0, ndim), dim1=wrap_dim(dim1, ndim))


@function(namespace="tensor")
def swapaxes_(input, axis0, axis1):
    """`transpose_` under NumPy's name."""
    return transpose_(input, axis0, axis1)


@function(namespace="tensor")
def swapdims_(input, dim0, dim1):
    """`transpose_` under another name."""
    return transpose_(input, dim0, dim1)


@function(namespace="tensor")
@target_first
def t_(input):
    """Transpose this matrix, without moving a number. Raises RuntimeError above two dimensions."""
    ndim = len(shape_of(input))
    if ndim > 2:
        raise RuntimeError(f"t_() expects a tensor with <= 2 dimensions, but self is {ndim}D")
    return look_through(_T, input)


@function(namespace="tensor")
@target_first
def unsqueeze_(input, dim):
    """Give this tensor a dimension of size 1 before `dim`."""
    shape = shape_of(input)
    dim = wrap_dim(dim, len(shape) + 1)
    return look_through(_UNSQUEEZE, input, shape=(*shape[:dim], 1, *shape[dim:]))


@function(namespace="tensor")
@target_first
def squeeze_(input, dim=None):
    """Take the dimensions of size 1, or those among `dim`, from this tensor."""
    dims, case = squeezed(shape_of(input), dim)
    return look_through(_SQUEEZE[case], input, dims=dims)
