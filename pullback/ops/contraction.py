"""Sums of products over named indices: the engine of einsum, tensordot and inner.

A contraction of two operands is brought to (batch, left, summed) @ (batch, summed, right) by permuting and reshaping, so that
the BLAS does the work. Its gradients are contractions again: swap the output with the operand in question.
"""

from functools import lru_cache

import numpy as np

from .binary import mul
from .contract import batched_product
from .record import Op
from .reduce import sum as sum_dims
from .shape import permute, reshape, shape_of
from .unary import conj
from .window import diagonal


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
        product = batched_product(_merged(x, left, (batch, rows, summed), sizes),
                                  _merged(y, right, (batch, summed, columns), sizes))
    else:
        product = _merged(x, left, (batch, rows, ()), sizes) * _merged(y, right, (batch, (), columns), sizes)
    return product.reshape([sizes[label] for label in order]).transpose([order.index(label) for label in result])


def _left_gradient(g, y, left, right, result):
    return _contract(g, conj(y), left=result, right=right, result=left)


def _right_gradient(g, x, left, right, result):
    return _contract(g, conj(x), left=result, right=left, result=right)


_RULES = (_left_gradient, _right_gradient)
_contract_op = Op("contract", _contraction, _RULES, node="ViewBackward0", multilinear=True)
_multiply_op = Op("contract_nothing", _contraction, _RULES, node="MulBackward0", multilinear=True)


def _contract(x, y, *, left, right, result, multiply=False):
    op = _multiply_op if multiply and len(result) == len({*left, *right}) else _contract_op
    return op(x, y, left=left, right=right, result=result)


# ---- several operands ------------------------------------------------------------------------------------------------------
def contract_all(operands, labels, out, multiply=False):
    """The sum of products of `operands`, whose dimensions `labels` name, for the labels of `out`.

    `multiply`: where nothing is summed torch multiplies, and the node says so.
    """
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
            x, left = _contract_pair(x, left, y, right, wanted, final, multiply)
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
            operand = diagonal(operand, 0, first, second)
            names = [name for d, name in enumerate(names) if d not in (first, second)] + [label]
    return operand, names


def _summed(operand, names, kept):
    """Sum the dimensions whose labels are not in `kept`."""
    dims = tuple([d for d, name in enumerate(names) if name not in kept])
    if not dims:
        return operand, names
    return sum_dims(operand, dims), [name for name in names if name in kept]


def _contract_pair(x, left, y, right, wanted, final, multiply):
    """The product of two operands summed over the labels that are not `wanted`; its dimensions in `final` order if given."""
    x, left = _summed(x, left, wanted.union(right))
    y, right = _summed(y, right, wanted.union(left))
    out = [name for name in left if name in wanted] + [name for name in right if name in wanted and name not in left]
    if final is not None and len(final) == len(out):
        out = list(final)
    if set(left) == set(right) == set(out):  # nothing to sum, and the same dimensions: a product
        order = list(final or left)
        return mul(_permuted(x, left, order), _permuted(y, right, order)), order
    return _contract(x, y, left=tuple(left), right=tuple(right), result=tuple(out), multiply=multiply), out


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
