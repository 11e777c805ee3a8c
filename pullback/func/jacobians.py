"""Jacobians by reverse mode, and Hessians: `jacrev`, `hessian`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..trees import tree_flatten, tree_unflatten
from .arguments import check_real, picked, places
from .forward import jacfwd, standard_basis
from .grads import argnums_t, vjp_by
from .vmap import vmap


def jacrev(
    func: Callable[..., Any],
    argnums: int | tuple[int, ...] = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,
    _preallocate_and_copy: bool = False,
) -> Callable[..., Any]:
    """A function that returns the Jacobian of `func` by reverse mode: all rows at once, in a `vmap` of its vjp.

    The form of the result is that of `jacfwd`. `chunk_size`: how many rows at once, by default all; fewer take less memory.
    Raises ValueError unless it is positive, RuntimeError on complex tensors.
    """
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError("jacrev: `chunk_size` should be greater than 0.")

    @functools.wraps(func)
    def wrapper(*args):
        where = places(argnums, len(args))
        inputs, _ = tree_flatten(picked(args, where))
        output, pull, *extra = vjp_by(func, args, where, has_aux)
        outputs, out_spec = tree_flatten(output)
        check_real(inputs, "jacrev", "inputs")
        check_real(outputs, "jacrev", "outputs")
        rows = vmap(lambda *basis: pull(tree_unflatten(basis, out_spec)), chunk_size=chunk_size)(*standard_basis(outputs))
        rows, row_spec = tree_flatten(rows)
        parts = [row.split([value.numel() for value in outputs], 0) for row in rows]
        jacobian = tree_unflatten(
            [tree_unflatten([part[i].reshape((*value.shape, *part[i].shape[1:])) for part in parts], row_spec)
             for i, value in enumerate(outputs)], out_spec)
        return (jacobian, *extra) if has_aux else jacobian

    return wrapper


def hessian(func: Callable[..., Any], argnums: argnums_t = 0) -> Callable[..., Any]:
    """A function that returns the Hessian of `func`, which returns 0-dim tensors: forward mode over reverse mode."""
    return jacfwd(jacrev(func, argnums), argnums)
