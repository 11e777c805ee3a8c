"""Sizes, dimensions and strides: the arithmetic every family of operations shares."""

import math


class Size(tuple):
    """The shape of a tensor: a tuple of ints with `numel()`."""

    __slots__ = ()
    __module__ = "pullback"

    def __new__(cls, sizes=()):
        found = tuple.__new__(cls, sizes)
        for place, item in enumerate(found):
            if type(item) is not int and not hasattr(item, "__index__"):
                raise TypeError(f"torch.Size() takes an iterable of 'int' (item {place} is '{type(item).__name__}')")
        return found

    def numel(self):
        """The number of elements, the product of the sizes."""
        return math.prod(self)

    def __repr__(self):
        return f"torch.Size([{', '.join(map(str, self))}])"

    def __getitem__(self, index):
        found = tuple.__getitem__(self, index)
        return Size(found) if isinstance(index, slice) else found

    def __add__(self, other):
        return Size(tuple.__add__(self, other))

    def __mul__(self, count):
        return Size(tuple.__mul__(self, count))

    __rmul__ = __mul__


def wrap_dim(dim, ndim, scalar=True):
    """`dim` counted from the front. Raises IndexError outside [-ndim, ndim-1]; a 0-dim tensor counts as one dimension
    if `scalar`."""
    span = ndim if ndim or not scalar else 1
    if not -span <= dim < span:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-span}, {span - 1}], but got {dim})")
    return dim + span if dim < 0 else dim


def wrap_dims(dim, ndim):
    """A dim, several, or None (all of them) as a tuple counted from the front. Raises RuntimeError on a repeated one."""
    if dim is None:
        return tuple(range(ndim))
    if not isinstance(dim, (tuple, list)):
        return (wrap_dim(dim, ndim),) if ndim else (wrap_dim(dim, 0), )[:0]
    dims = tuple(wrap_dim(d, ndim) for d in dim)
    if not dims:  # torch reads an empty list as all of them
        return tuple(range(ndim))
    for d in dims:
        if dims.count(d) > 1:
            raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
    return dims if ndim else ()


def sizes(args):
    """The sizes given as `f(2, 3)` or `f((2, 3))`, as a tuple of ints."""
    if len(args) == 1:
        first = args[0]
        if type(first) is int:
            return args
        if isinstance(first, (tuple, list)):
            args = first
    return tuple([s if type(s) is int else s.__index__() for s in args])


def broadcast(*shapes):
    """The shape that `shapes` broadcast to. Raises torch's RuntimeError naming the last dimension that does not match."""
    result = ()
    for shape in shapes:
        if shape != result:
            result = _together(result, tuple(shape))
    return result


def _together(a, b):
    ndim = max(len(a), len(b))
    a, b = (1,) * (ndim - len(a)) + a, (1,) * (ndim - len(b)) + b
    for i in reversed(range(ndim)):
        if a[i] != b[i] and a[i] != 1 and b[i] != 1:
            raise RuntimeError(f"The size of tensor a ({a[i]}) must match the size of tensor b ({b[i]}) at non-singleton "
                               f"dimension {i}")
    return tuple([y if x == 1 else x for x, y in zip(a, b, strict=True)])


def broadcast_of(operands):
    """The shape that arrays broadcast to; numbers among them do not count. Raises as `broadcast` does."""
    return broadcast(*[operand.shape for operand in operands if hasattr(operand, "shape")])


def infer(shape, numel):
    """`shape` with its one -1 replaced. Raises torch's RuntimeError if `numel` elements do not fill it."""
    known, missing = 1, None
    for i, size in enumerate(shape):
        if size >= 0:
            known *= size
        elif size == -1 and missing is None:
            missing = i
        else:
            raise _not_inferred(shape, numel)
    if missing is None:
        if known != numel:
            raise _not_inferred(shape, numel)
        return tuple(shape)
    if not known or numel % known:
        raise _not_inferred(shape, numel)
    return (*shape[:missing], numel // known, *shape[missing + 1 :])


def _not_inferred(shape, numel):
    text = f"[{', '.join(map(str, shape))}]"
    if list(shape).count(-1) > 1:
        return RuntimeError("only one dimension can be inferred")
    for i, size in enumerate(shape):
        if size < -1:
            return RuntimeError(f"invalid shape dimension {size} at index {i} of shape {text}")
    if -1 in shape and not numel and not math.prod(size for size in shape if size != -1):
        return RuntimeError(f"cannot reshape tensor of 0 elements into shape {text} because the unspecified dimension size -1 "
                            "can be any value and is ambiguous")
    return RuntimeError(f"shape '{text}' is invalid for input of size {numel}")


def contiguous_strides(shape):
    """Row-major strides in elements; torch counts an empty dimension as one."""
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


def sum_to_axes(shape, target):
    """The axes to sum, and whether leading ones go, so that an array of `shape` shrinks to `target`, which broadcasts to it."""
    lead = len(shape) - len(target)
    if lead < 0:
        return ()
    kept = tuple(i for i, size in enumerate(target, lead) if size == 1 and shape[i] != 1)
    return tuple(range(lead)) + kept
