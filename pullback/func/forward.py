"""Forward mode as transforms: `jvp`, `jacfwd`, `linearize`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..dtypes import FLOATING, category, of
from ..engine import grad
from ..graph import Tensor, make_leaf, wrap
from ..mode import settled
from ..tangents import DualLevel, make_dual
from ..trees import tree_flatten, tree_map, tree_unflatten
from .arguments import check_aux, check_real, given_tensors, only_tensors, picked, places, replaced, with_aux
from .grads import argnums_t, vjp_by
from .levels import opened
from .vmap import vmap

_API = "jvp(f, primals, tangents)"


def jvp(
    func: Callable[..., Any], primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False
) -> tuple[Any, Any] | tuple[Any, Any, Any]:
    """`func(*primals)`, and its derivative there in the direction of `tangents`, a tuple in the form of `primals`.

    With `has_aux`, `func` returns `(output, aux)`, and `aux` is the third result. Raises RuntimeError unless both are
    tuples (of trees) of tensors in the same form, and, if `strict`, on an output that does not depend on the inputs.
    """
    return _jvp_by(func, primals, tangents, None, strict, has_aux)


def _jvp_by(func, args, tangents, argnums, strict=False, has_aux=False):
    """`jvp` by the arguments at the places `argnums`, in whose form `tangents` is; by all of them if it is None."""
    if not isinstance(args, tuple):
        raise RuntimeError(f"{_API}: Expected primals to be a tuple. E.g. it should be valid to call f(*primals).")
    primals, spec = tree_flatten(args if argnums is None else picked(args, argnums))
    directions, given = tree_flatten(tangents)
    if given != spec:
        raise RuntimeError(f"{_API}: Expected primals and tangents to have the same python structure. For example, if primals is "
                           f"a tuple of 3 tensors, tangents also must be. Got primals with structure {spec} and tangents "
                           f"with structure {given}")
    given_tensors(primals, "primals")
    given_tensors(directions, "tangents")
    mode = settled()
    if not {*mode.duals} <= {*mode.transforms}:
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    level = DualLevel()
    with level, opened(level):
        duals = tree_unflatten([make_dual(*pair, level) for pair in zip(primals, directions, strict=True)], spec)
        result = func(*(duals if argnums is None else replaced(args, argnums, duals)))
        output, aux = with_aux(result, has_aux, _API)
        leaves, out_spec = tree_flatten(output)
        only_tensors(leaves, _API)
        derivatives = tree_unflatten([_tangent(leaf, level, strict) for leaf in leaves], out_spec)
    if has_aux:
        check_aux(aux)
        return output, derivatives, aux
    return output, derivatives


def _tangent(output, level, strict):
    tangent = level.of(output)
    if tangent is not None:
        return tangent
    if strict:
        raise RuntimeError("jvp(f, primals, tangents, strict=True): The output of f is independent of the inputs. This is not "
                           "allowed with strict=True.")
    return wrap(np.zeros_like(output._array))


def jacfwd(
    func: Callable[..., Any], argnums: argnums_t = 0, has_aux: bool = False, *, randomness: str = "error"
) -> Callable[..., Any]:
    """A function that returns the Jacobian of `func` by forward mode: all columns at once, in a `vmap` of `jvp`.

    Each output of shape O has, for each input of shape I, a Jacobian of shape (*O, *I), in trees of outputs of trees of
    inputs. `argnums` and `has_aux` are as in `grad`, `randomness` as in `vmap`. Raises RuntimeError on complex tensors.
    """

    @functools.wraps(func)
    def wrapper(*args):
        where = places(argnums, len(args))
        inputs, spec = tree_flatten(picked(args, where))
        check_real(inputs, "jacfwd", "inputs")
        basis = standard_basis(inputs)

        def push(*directions):
            return tuple(_jvp_by(func, args, tree_unflatten(directions, spec), where, has_aux=has_aux)[1:])

        derivatives, *aux = vmap(push, out_dims=(-1, 0) if has_aux else (-1,), randomness=randomness)(*basis)
        leaves, out_spec = tree_flatten(derivatives)
        check_real(leaves, "jacfwd", "outputs")
        jacobian = tree_unflatten([tree_unflatten(_by_input(leaf, inputs), spec) for leaf in leaves], out_spec)
        return (jacobian, *[tree_map(lambda batch: batch[0], one) for one in aux]) if has_aux else jacobian

    return wrapper


def standard_basis(tensors):
    """For each tensor a batch of directions: those along one of its elements, and zeros while those of the others come."""
    sizes = [tensor.numel() for tensor in tensors]
    total, start, basis = sum(sizes), 0, []
    for tensor, size in zip(tensors, sizes, strict=True):
        directions = np.zeros((total, size), tensor._array.dtype)
        directions[np.arange(start, start + size), np.arange(size)] = 1
        basis.append(wrap(directions.reshape((total, *tensor._array.shape))))
        start += size
    return basis


def _by_input(derivative, inputs):
    """The derivatives in all directions, the last axis, by input."""
    parts = derivative.split([value.numel() for value in inputs], -1)
    return [part.reshape((*part.shape[:-1], *value.shape)) for part, value in zip(parts, inputs, strict=True)]


def linearize(func: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """`func(*primals)`, and the linear function that takes tangents, one for each primal, to those of the output.

    `func` is run once. The linear function is the transpose of its vjp, which is linear in the cotangents: both are kept as
    graphs, so that it costs a backward pass a call. Raises RuntimeError on tangents of another form, shape or dtype.
    """
    for leaf in tree_flatten(primals)[0]:
        if category(leaf._array.dtype) < FLOATING:
            raise ValueError(f"Expected primal to be floating point or complex, but got: {of(leaf._array.dtype)}")
    output, pull = vjp_by(func, primals, tuple(range(len(primals))))
    leaves, spec = tree_flatten(primals)
    outputs, out_spec = tree_flatten(output)
    seeds = [make_leaf(wrap(np.zeros_like(value._array))) for value in outputs]
    rows = tree_flatten(pull(tree_unflatten(seeds, out_spec), create_graph=True))[0]

    def jvp_fn(*tangents):
        """The tangents of the output. Raises RuntimeError unless those given fit the primals."""
        directions, given = tree_flatten(tangents)
        if given != spec:
            raise RuntimeError(f"Expected the tangents {given} to have the same argspec as the primals {spec}")
        for place, (tangent, primal) in enumerate(zip(directions, leaves, strict=True)):
            _check_alike(place, tangent, primal)
        used = [(row, tangent) for row, tangent in zip(rows, directions, strict=True) if row._edge is not None]
        if not used:
            return tree_map(lambda value: wrap(np.zeros_like(value._array)), output)
        found = grad([row for row, _ in used], seeds, [tangent for _, tangent in used], retain_graph=True,
                     create_graph=any(isinstance(t, Tensor) and t._edge is not None for t in (*directions, *outputs)),
                     materialize_grads=True)
        return tree_unflatten(found, out_spec)

    return output, jvp_fn


def _check_alike(place, tangent, primal):
    for what in ("shape", "dtype"):
        given, wanted = getattr(tangent, what), getattr(primal, what)
        if given != wanted:
            raise RuntimeError(f"tangent:{place} with {what} {given} in flattened pytree doesn't match the {what} {wanted} of "
                               "the corresponding primal.")
