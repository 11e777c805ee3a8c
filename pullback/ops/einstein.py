"""einsum, with its equations, and tensordot."""

import string

from .. import errors
from ..graph import Tensor
from ..shapes import wrap_dim
from .contract import dtype_of
from .contraction import contract_all
from .public import function
from .shape import shape_of

_LETTERS = string.ascii_uppercase + string.ascii_lowercase  # in the order in which torch arranges an implicit output
_ELLIPSIS = 100  # labels from here on are those of the dimensions an ellipsis stands for


# ---- reading the equation --------------------------------------------------------------------------------------------------
def _read(text, start, number=None):
    """The labels of one term, of operand `number` or (None) of the output; `start` is its place in the equation."""
    operand = "output" if number is None else f"operand {number}"
    names, position = [], 0
    while position < len(text):
        character = text[position]
        if character == ".":
            if _ELLIPSIS in names:
                raise RuntimeError("einsum(): found '.' for output but an ellipsis (...) was already found" if number is None
                                   else f"einsum(): found '.' for {operand} for which an ellipsis was already found")
            if text[position : position + 3] != "...":
                raise RuntimeError(f"einsum(): found '.' for {operand} that is not part of any ellipsis"
                                   f"{' (...)' if number is None else ''}")
            names.append(_ELLIPSIS)
            position += 3
            continue
        if character != " ":
            if character not in _LETTERS:
                raise RuntimeError(f"einsum(): invalid subscript given at index {start + position} in the equation string, "
                                   "subscripts must be in [a-zA-Z]")
            names.append(_LETTERS.index(character))
        position += 1
    return names


def _read_equation(equation):
    """The labels of the operands and of the output (None: implicit)."""
    arrow = equation.find("->")
    inputs = equation if arrow < 0 else equation[:arrow]
    terms, start = [], 0
    for number, term in enumerate(inputs.split(",")):
        terms.append(_read(term, start, number))
        start += len(term) + 1
    return terms, None if arrow < 0 else _read(equation[arrow + 2 :], arrow + 2)


def _from_lists(args):
    """The operands and labels of the form einsum(operand, list, operand, list, ..., [output list])."""
    operands, lists = args[: len(args) // 2 * 2 : 2], args[1::2]
    output = args[-1] if len(args) % 2 else None
    read = [[_label(value) for value in names] for names in (*lists, *([] if output is None else [output]))]
    return operands, read[: len(lists)], None if output is None else read[-1]


def _label(value):
    if value is Ellipsis:
        return _ELLIPSIS
    if isinstance(value, Tensor) or not 0 <= value < 52:
        raise ValueError("einsum(): subscript in subscript list is not within the valid range [0, 52)")
    return value


def _checked(operands, terms, out):
    """The labels with ellipses written out, checked against the operands' shapes."""
    if len(operands) != len(terms):
        raise RuntimeError("einsum(): more operands were provided than specified in the equation" if len(operands) > len(terms)
                           else "einsum(): fewer operands were provided than specified in the equation")
    hidden = 0
    for number, (operand, names) in enumerate(zip(operands, terms, strict=True)):
        ndim, named = len(shape_of(operand)), len(names) - names.count(_ELLIPSIS)
        if _ELLIPSIS not in names and named != ndim:
            raise RuntimeError(f"einsum(): the number of subscripts in the equation ({named}) does not match the number of "
                               f"dimensions ({ndim}) for operand {number} and no ellipsis was given")
        if named > ndim:
            raise RuntimeError(f"einsum(): the number of subscripts in the equation ({named}) is more than the number of "
                               f"dimensions ({ndim}) for operand {number}")
        if _ELLIPSIS in names:
            hidden = max(hidden, ndim - named)
    if out is None:
        flat = [name for names in terms for name in names]
        out = [_ELLIPSIS] if _ELLIPSIS in flat else []
        out += sorted(name for name in set(flat) - {_ELLIPSIS} if flat.count(name) == 1)
    terms = [_expanded(names, len(shape_of(operand)) - len(names) + 1, hidden)
             for operand, names in zip(operands, terms, strict=True)]
    out = _expanded(out, hidden, hidden)
    _check_sizes(operands, terms)
    for label in out:
        if label < _ELLIPSIS and out.count(label) > 1:
            raise RuntimeError(f"einsum(): output subscript {_LETTERS[label]} appears more than once in the output")
        if label < _ELLIPSIS and not any(label in names for names in terms):
            raise RuntimeError(f"einsum(): output subscript {_LETTERS[label]} does not appear in the equation for any input "
                               "operand")
    return terms, out


def _expanded(names, count, hidden):
    if _ELLIPSIS not in names:
        return names
    place = names.index(_ELLIPSIS)
    return names[:place] + list(range(_ELLIPSIS + hidden - count, _ELLIPSIS + hidden)) + names[place + 1 :]


def _check_sizes(operands, terms):
    sizes = {}
    for number, (operand, names) in enumerate(zip(operands, terms, strict=True)):
        own = {}
        for label, size in zip(names, shape_of(operand), strict=True):
            word = _LETTERS[label] if label < _ELLIPSIS else "..."
            if own.setdefault(label, size) != size:
                raise RuntimeError(f"einsum(): subscript {word} is repeated for operand {number} but the sizes don't match, "
                                   f"{size} != {own[label]}")
            seen = sizes.get(label, 1)
            if size != seen and size != 1 and seen != 1:
                raise RuntimeError(f"einsum(): subscript {word} has size {size} for operand {number} which does not broadcast "
                                   f"with previously seen size {seen}")
            sizes[label] = size if seen == 1 else seen


def _check_dtypes(operands):
    first = dtype_of(operands[0])
    for operand in operands[1:]:
        if dtype_of(operand) != first:
            raise RuntimeError(f"expected scalar type {errors.title(first)} but found {errors.title(dtype_of(operand))}")


@function(method=False)
def einsum(*args):
    """The sum of products that the equation says: `einsum("ij,jk->ik", a, b)`, or `einsum(a, [0, 1], b, [1, 2], [0, 2])`.

    Letters name dimensions, "..." those that broadcast. Without "->" the output has the letters that occur once, in order.
    Raises RuntimeError on an equation that is malformed or does not fit the operands.
    """
    if len(args) < 2:
        raise ValueError("einsum(): must specify the equation string and at least one operand, or at least one operand and "
                         "its subscripts list")
    if isinstance(args[0], Tensor):
        operands, terms, out = _from_lists(args)
    elif isinstance(args[0], str):
        operands = args[1] if len(args) == 2 and isinstance(args[1], (list, tuple)) else args[1:]
        terms, out = _read_equation(args[0])
    else:
        raise TypeError(f"einsum(): argument 'equation' (position 1) must be str, not {errors.type_name(args[0])}")
    for position, operand in enumerate(operands, 2):
        if not isinstance(operand, Tensor):
            raise errors.not_tensor("einsum", "tensors", position, operand)
    terms, out = _checked(operands, terms, out)
    _check_dtypes(operands)
    return contract_all(operands, terms, out, multiply=True)


@function(method=False, out=True)
def tensordot(a, b, dims=2):
    """The sum of products over `dims`: the last n of `a` with the first n of `b`, or two lists of dimensions.

    Raises RuntimeError where the sizes of contracted dimensions differ, and on different dtypes.
    """
    x, y = shape_of(a), shape_of(b)
    if isinstance(dims, Tensor):
        dims = dims.tolist()
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(len(x), len(y)):
            raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
        first, second = list(range(-dims, 0)), list(range(dims))
    else:
        first, second = [[d] if isinstance(d, int) else list(d) for d in dims]
    if len(first) != len(second):
        raise RuntimeError("both dimension lists should have same length")
    if dtype_of(a) != dtype_of(b):
        raise RuntimeError("both inputs should have same dtype")
    left, right = list(range(len(x))), list(range(len(x), len(x) + len(y)))
    for i, j in zip(first, second, strict=True):
        m, n = x[wrap_dim(i, len(x))], y[wrap_dim(j, len(y))]
        if m != n and m != 1 and n != 1:
            raise RuntimeError(f"contracted dimensions need to match, but first has size {m} in dim {i} and second has size "
                               f"{n} in dim {j}")
        right[wrap_dim(j, len(y))] = wrap_dim(i, len(x))
    shared = {wrap_dim(i, len(x)) for i in first}
    return contract_all((a, b), (left, right), [label for label in left + right if label not in shared])
