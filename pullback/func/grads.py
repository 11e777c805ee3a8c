"""Reverse mode as transforms: `grad`, `grad_and_value`, `vjp`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec

from ..dtypes import FLOATING, category, of
from ..graph import Tensor, wrap
from ..mode import settled
from ..trees import tree_flatten, tree_leaves, tree_structure, tree_unflatten, treespec_pprint
from .arguments import only_tensors, picked, places, replaced, with_aux
from .levels import GradLevel

_P = ParamSpec("_P")
argnums_t = int | tuple[int, ...]


def grad_and_value(func: Callable[_P, Any], argnums: argnums_t = 0, has_aux: bool = False) -> Callable[_P, tuple[Any, Any]]:
    """A function that returns the gradient of `func`, as `grad` does, and its value.

    With `has_aux` it returns `(gradient, (value, aux))`. Raises what `grad` raises.
    """

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        level = GradLevel()
        with level:
            where = places(argnums, len(args))
            inputs = level.enter(picked(args, where))
            output, aux = with_aux(func(*replaced(args, where, inputs), **kwargs), has_aux, "grad_and_value(f)(*args)")
            _check_scalar(output)
            wanted = level.wanted([output])
            retain = wanted or level.wanted([leaf for leaf in tree_leaves(aux) if isinstance(leaf, Tensor)])
            gradients = level.gradients([output], [None], retain, wanted)
            gradients = level.leave(tree_unflatten(gradients, tree_structure(inputs)))
            value, aux = level.leave(output), level.leave_aux(aux) if has_aux else None
        return (gradients, (value, aux)) if has_aux else (gradients, value)

    return wrapper


def _check_scalar(output):
    if not isinstance(output, Tensor):
        raise RuntimeError(f"grad_and_value(f)(*args): Expected f(*args) to return a Tensor, got {type(output)}")
    if output.dim():
        raise RuntimeError("grad_and_value(f)(*args): Expected f(*args) to return a scalar Tensor, got tensor with "
                           f"{output.dim()} dims. Maybe you wanted to use the vjp or jacrev APIs instead?")


def grad(func: Callable[_P, Any], argnums: argnums_t = 0, has_aux: bool = False) -> Callable[_P, Any]:
    """A function that returns the gradient of `func`, which must return a 0-dim tensor.

    `argnums`: the positional arguments to differentiate by, a number or a tuple of them; each may be a tree (nested dicts,
    lists, tuples) of tensors, and the gradient is in the same shape. `has_aux`: `func` returns `(output, aux)`, and the
    result is `(gradient, aux)`. Raises RuntimeError if `func` returns anything else, ValueError on inputs that are no tensors.
    """

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        gradients, value = grad_and_value(func, argnums, has_aux)(*args, **kwargs)
        return (gradients, value[1]) if has_aux else gradients

    return wrapper


def vjp(
    func: Callable[..., Any], *primals: Any, has_aux: bool = False
) -> tuple[Any, Callable[..., Any]] | tuple[Any, Callable[..., Any], Any]:
    """`func(*primals)`, and a function that takes cotangents, in the shape of the output, to those of the primals (a tuple).

    With `has_aux`, `func` returns `(output, aux)`, and `aux` is the third result. The function may be called any number of
    times. Raises RuntimeError unless the outputs are floating point or complex tensors.
    """
    return vjp_by(func, primals, tuple(range(len(primals))), has_aux)


def vjp_by(func, args, argnums, has_aux=False):
    """`vjp` by the arguments at the places `argnums`, in whose form the function returns cotangents."""
    level = GradLevel()
    with level:
        inputs = level.enter(picked(args, argnums))
        spec = tree_structure(inputs)
        output, aux = with_aux(func(*replaced(args, argnums, inputs)), has_aux, "vjp(f, *primals)")
        inner, out_spec = tree_flatten(output)
        only_tensors(inner, "vjp(f, *primals)")
        for tensor in inner:
            if category(tensor._array.dtype) < FLOATING:
                raise RuntimeError("vjp(f, ...): All outputs of f must be floating-point or complex Tensors, got Tensor with "
                                   f"dtype {of(tensor._array.dtype)}")
        inner = [wrap(tensor._array, tensor._edge) for tensor in inner]  # an input returned as it is has that edge only inside
        results = level.leave(output), level.leave_aux(aux) if has_aux else None

    def vjp_fn(cotangents, retain_graph=True, create_graph=None):
        """The cotangents of the primals. Raises RuntimeError unless those given are in the output's form."""
        flat, given = tree_flatten(cotangents)
        if given != out_spec:
            raise RuntimeError(
                "Expected pytree structure of cotangents to be the same as pytree structure of outputs to the function. "
                f"cotangents: {treespec_pprint(given)}, primal output: {treespec_pprint(out_spec)}")
        tensors = [g for g in flat if isinstance(g, Tensor)]
        with level.again(settled().recording if create_graph is None else create_graph):
            gradients = level.gradients(inner, flat, retain_graph, level.wanted([*inner, *tensors]))
            return tree_unflatten([level.leave(g) for g in gradients], spec)

    return (results[0], vjp_fn, results[1]) if has_aux else (results[0], vjp_fn)
