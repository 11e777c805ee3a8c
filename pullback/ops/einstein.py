"""Sums of products over named indices: einsum, and tensordot, which is one of them.

A contraction of two operands is brought to (batch, left, summed) @ (batch, summed, right) by permuting and reshaping, so that
the BLAS does the work. Its gradients are contractions again: swap the output with the operand in question.
"""

import string
from functools import lru_cache

import numpy as np

from .. import errors
from ..graph import Tensor
from ..shapes import wrap_dim
from .binary import mul
from .contract import batched_product, dtype_of
from .public import function
from .record import Op, linear
from .reduce import sum as sum_dims
from .shape import permute, reshape, shape_of
from .unary import conj

_LETTERS = string.ascii_uppercase + string.ascii_lowercase  # in the order in which torch arranges an implicit output
_ELLIPSIS = 100  # labels from here on are those of the dimensions an ellipsis stands for


# ---- the contraction of two operands -------------------------------------------------------------------------------------
def _merged(x, labels, groups, sizes):
    """`x` permuted to the order of `groups`, each group after the first (the batch) one dimension."""
    array = x.transpose([labels.index(label) for group in groups for label in group])
    shape = [sizes[label] for label in groups[0]] + [_total(group, sizes) for group in groups[1:]]
    return array.reshape(shape)


def _total(labels, sizes):
    total = 1
    for label in labels:
        total *= sizes[label]
    return total


def _contraction(x, y, *, left, right, result):
    """The product of `x`, whose dimensions are called `left`, and `y`, called `right`, summed over what is not in `result`.

    What is summed must be in both.
    """
    sizes = {**dict(zip(left, x.shape, strict=True)), **dict(zip(right, y.shape, strict=True))}
    batch = [label for label in result if label in left and label in right]
    rows = [label for label in left if label not in right]
    columns = [label for label in right if label not in left]
    summed = [label for label in (left if x.size > y.size else right) if label not in result and label in left and label in right]
    order = batch + rows + columns
    if summed:
        product = batched_product(_merged(x, left, (batch, rows, summed), sizes), _merged(y, right, (batch, summed, columns), sizes))
    else:
        product = _merged(x, left, (batch, rows, ()), sizes) * _merged(y, right, (batch, (), columns), sizes)
    return product.reshape([sizes[label] for label in order]).transpose([order.index(label) for label in result])


def _left_gradient(g, y, left, right, result):
    return _contract(g, conj(y), left=result, right=right, result=left)


def _right_gradient(g, x, left, right, result):
    return _contract(g, conj(x), left=result, right=left, result=right)


_RULES = (_left_gradient, _right_gradient)
_contract_op = Op("contract", _contraction, _RULES, node="ViewBackward0")
_multiply_op = Op("contract_nothing", _contraction, _RULES, node="MulBackward0")


def _contract(x, y, *, left, right, result):
    op = _multiply_op if len(result) == len({*left, *right}) else _contract_op
    return op(x, y, left=left, right=right, result=result)


def _diagonal_of(x, *, first, second):
    return np.diagonal(x, 0, first, second)


def _embed(x, *, first, second, shape):
    whole = np.zeros(shape, x.dtype)
    view = np.lib.stride_tricks.as_strided(whole, *_diagonal_layout(whole, first, second), writeable=True)
    view[...] = x
    return whole


def _diagonal_layout(array, first, second):
    keep = [d for d in range(array.ndim) if d not in (first, second)]
    shape, strides = [array.shape[d] for d in keep], [array.strides[d] for d in keep]
    return [*shape, array.shape[first]], [*strides, array.strides[first] + array.strides[second]]


_diagonal = linear("einsum_diagonal", _diagonal_of, node="DiagonalBackward0",
                   transpose=lambda g, first, second, x_shape: _embed_op(g, first=first, second=second, shape=x_shape))
_embed_op = linear("einsum_diagonal_backward", _embed, lambda g, first, second: _diagonal(g, first=first, second=second))


# ---- several operands ------------------------------------------------------------------------------------------------------
def contract_all(operands, labels, out):
    """The sum of products of `operands`, whose dimensions `labels` name, for the labels of `out`."""
    operands, labels, count = list(operands), [list(names) for names in labels], len(operands)
    for i, operand in enumerate(operands):
        operands[i], labels[i] = _one_each(operand, labels[i])
    sizes = {}
    for operand, names in zip(operands, labels, strict=True):
        for label, size in zip(names, shape_of(operand), strict=True):
            sizes[label] = max(size, sizes.get(label, 0)) if 0 not in (size, sizes.get(label)) else 0
    for i, operand in enumerate(operands):  # what is of size 1 here and larger elsewhere broadcasts: it need not be here
        kept = [(label, size) for label, size in zip(labels[i], shape_of(operand), strict=True) if size == sizes[label]]
        if len(kept) < len(labels[i]):
            operands[i], labels[i] = reshape(operand, tuple([size for _, size in kept])), [label for label, _ in kept]
    for group in _path(tuple(map(tuple, labels)), tuple(out), tuple(sorted(sizes.items()))):
        taken = [(operands.pop(i), labels.pop(i)) for i in sorted(group, reverse=True)][::-1]
        x, left = taken[0]
        for position, (y, right) in enumerate(taken[1:], 2):
            wanted = {*out}.union(*labels, *[names for _, names in taken[position:]])
            final = out if not operands and position == len(taken) else None
            x, left = _contract_pair(x, left, y, right, wanted, final)
        operands.append(x)
        labels.append(left)
    if count > 1 and labels[0] == list(out):
        return operands[0]
    return _arranged(operands[0], labels[0], list(out))


def _one_each(operand, names):
    """Take the diagonal where an operand names a dimension twice."""
    names = list(names)
    for label in dict.fromkeys(names):
        while names.count(label) > 1:
            first = names.index(label)
            second = names.index(label, first + 1)
            operand = _diagonal(operand, first=first, second=second)
            names = [name for d, name in enumerate(names) if d not in (first, second)] + [label]
    return operand, names


def _summed(operand, names, kept):
    """Sum the dimensions whose labels are not in `kept`."""
    dims = tuple([d for d, name in enumerate(names) if name not in kept])
    if not dims:
        return operand, names
    return sum_dims(operand, dims), [name for name in names if name in kept]


def _contract_pair(x, left, y, right, wanted, final):
    """The product of two operands summed over the labels that are not `wanted`; its dimensions in `final` order if given."""
    x, left = _summed(x, left, wanted.union(right))
    y, right = _summed(y, right, wanted.union(left))
    out = [name for name in left if name in wanted] + [name for name in right if name in wanted and name not in left]
    if final is not None and len(final) == len(out):
        out = list(final)
    if set(left) == set(right) == set(out):  # nothing to sum, and the same dimensions: a product
        order = list(final or left)
        return mul(_permuted(x, left, order), _permuted(y, right, order)), order
    return _contract(x, y, left=tuple(left), right=tuple(right), result=tuple(out)), out


def _arranged(operand, names, out):
    summed, names = _summed(operand, names, out)
    return summed if names == out and summed is not operand else _permuted(summed, names, out)


def _permuted(operand, names, order):
    return permute(operand, *[names.index(label) for label in order])


@lru_cache(maxsize=512)
def _path(labels, out, sizes):
    """In which order to contract: pairs of positions, the result going to the end (NumPy's greedy search)."""
    if len(labels) < 3:
        return [(0, 1)] if len(labels) == 2 else []
    sizes = dict(sizes)
    number = {label: i for i, label in enumerate(sizes)}
    arguments = []
    for names in labels:
        arguments += [np.broadcast_to(np.float32(0), [sizes[name] for name in names]), [number[name] for name in names]]
    return np.einsum_path(*arguments, [number[name] for name in out], optimize="greedy")[0][1:]


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
    return contract_all(operands, terms, out)


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
