"""Custom functions under forward mode and `vmap`: by the rules their author wrote, `jvp` and `vmap`."""

from functools import partial
from typing import NamedTuple

import numpy as np

from ..batch import Level, levels_of
from ..graph import Tensor, wrap
from ..mode import inside
from ..ops.batching import enter, leave
from ..ops.unary import clone
from ..tangents import check_shape, fitted
from ..trees import _broadcast_to_and_flatten, tree_flatten, tree_structure, tree_unflatten

_MORE = "For more details, please see https://pytorch.org/docs/main/notes/extending.func.html"
NO_SETUP = (
    "In order to use an autograd.Function with functorch transforms (vmap, grad, jvp, jacrev, ...), it must override the "
    f"setup_context staticmethod. {_MORE}"
)
_NO_VMAP = ("You tried to vmap over {}, but it does not have vmap support. Please override and implement the vmap staticmethod "
            f"or set generate_vmap_rule=True. {_MORE}")
_BOTH = ("You tried to vmap over {}, but it has both generate_vmap_rule=True and an overridden vmap staticmethod. Please set "
         f"generate_vmap_rule=False or delete the overridden vmap staticmethod to avoid ambiguity. {_MORE}")
_NOT_IN_PLACE = (
    "An inplace custom Function is not modifying the forward mode gradients inplace. If the forward is modifying an input "
    "inplace, then the jvp function must modify the corresponding gradient inplace."
)
_NOT_VIEW = "A custom Function's forward is returning a view (or an input as-is) but the jvp is not returning a view."
_TWO = ("Expected the vmap staticmethod to have two returns, an output and out_dims with pytree structure compatible with the "
        "output. Got ")


class VmapInfo(NamedTuple):
    """What a custom `vmap` rule is told of the batch."""

    batch_size: int
    randomness: str


# ---- forward mode ---------------------------------------------------------------------------------------------------------
def spread(node, mode, args, outputs, results):
    """Give the results of a custom function the tangents that its `jvp` computes, the outermost level first."""
    for depth, level in enumerate(mode.duals):
        tangents = [level.of(arg) for arg in args]
        if any([tangent is not None for tangent in tangents]):
            with inside(duals=mode.duals[:depth]):
                given = [_given(node, *pair) for pair in zip(args, tangents, strict=True)]
                answers = _jvp(node, given)
                for place, answer in enumerate(_counted(answers, results)):
                    tangent = _checked(node, place, answer, args, given, outputs[place], results[place])
                    if tangent is not None:
                        level.replace(results[place], tangent)


def _given(node, arg, tangent):
    """The tangent that `jvp` is given for an argument: one of its own to write to, for what forward wrote to."""
    if tangent is not None:
        return clone(tangent) if any(arg is dirty for dirty in node._dirty) else tangent
    return wrap(np.zeros_like(arg._array)) if isinstance(arg, Tensor) and node.materialize_grads else None


def _jvp(node, tangents):
    node._in_jvp = True
    try:
        answers = node._function.jvp(node, *tangents)
    finally:
        node._in_jvp = False
    return answers if isinstance(answers, tuple) else (answers,)


def _counted(answers, results):
    if len(answers) != len(results):
        raise RuntimeError(f"Function's jvp returned an invalid number of forward gradients (expected {len(results)} but got "
                           f"{len(answers)})")
    return answers


def _checked(node, place, answer, args, given, output, result):
    """The tangent of one output, checked; None if it has none."""
    if not isinstance(result, Tensor) or answer is None:
        return None
    if not isinstance(answer, Tensor):
        raise RuntimeError(f"expected Variable or None (got {type(answer).__name__}) for grad output {place}.")
    if result._array.dtype.kind in "biu" or any(output is constant for constant in node._constant):
        raise RuntimeError(f"Function's jvp returned a gradient at position {place}, but  the corresponding forward output is "
                           "not a differentiable Tensor.You should return None at that position instead.")
    if any(output is dirty for dirty in node._dirty):
        own = next((tangent for arg, tangent in zip(args, given, strict=True) if arg is output), None)
        if answer is not own or own._storage is None or not own._storage.version:
            raise RuntimeError(_NOT_IN_PLACE)
    elif (result._base is not None or any(output is arg for arg in args)) and answer._base is None:
        raise RuntimeError(_NOT_VIEW)
    check_shape(result, answer)
    return fitted(answer, result)


# ---- vmap -----------------------------------------------------------------------------------------------------------------
def innermost(transforms):
    """The innermost level of `vmap` among the open transforms, and how many lie outside of it; (None, 0) without one."""
    for depth in range(len(transforms) - 1, -1, -1):
        if isinstance(transforms[depth], Level):
            return transforms[depth], depth
    return None, 0


def forward_inside(function, base, transforms):
    """How to run a custom function inside `transforms`: the forward to call, and whether that is all there is to it.

    Its rule for `vmap` is all there is if nobody further in asks for derivatives: those outside get them from what the rule
    does. Raises RuntimeError if there is no way through the innermost `vmap`, or more than one.
    """
    level, depth = innermost(transforms)
    if level is None:
        return function.forward, False
    own = function.vmap is not base.vmap
    if own and function.generate_vmap_rule:
        raise RuntimeError(_BOTH.format(function.__name__))
    if not own and not function.generate_vmap_rule:
        raise RuntimeError(_NO_VMAP.format(function.__name__))
    if not own:
        return function.forward, False
    return partial(_mapped, function, level, transforms[:depth]), depth == len(transforms) - 1


def _mapped(function, level, transforms, *args):
    """What the function's `vmap` rule gives for the whole batches of its arguments, outside of the level."""
    leaves, spec = tree_flatten(args)
    dims = [0 if isinstance(leaf, Tensor) and level in levels_of(leaf._array.shape) else None for leaf in leaves]
    whole = [leaf if dim is None else leave(leaf, level=level, dim=0) for leaf, dim in zip(leaves, dims, strict=True)]
    args = tree_unflatten(whole, spec)
    with inside(transforms=transforms, batch=level.outer):
        if all(dim is None for dim in dims):
            return function.apply(*args)
        answer = function.vmap(VmapInfo(level.size, level.randomness), tree_unflatten(dims, spec), *args)
    output, out_dims = _pair(answer)
    values, out_spec = tree_flatten(output)
    dims = _broadcast_to_and_flatten(out_dims, out_spec)
    if dims is None:
        raise RuntimeError("The autograd.Function's vmap staticmethod returned an incompatible (output, out_dims) tuple. "
                           f"Expected out_dims={out_dims} to be compatible with the structure of `output`. out_dims has "
                           f"structure {tree_structure(out_dims)} but output has structure {out_spec}. {_MORE}")
    return tree_unflatten([value if dim is None or not isinstance(value, Tensor) else
                           enter(value, level=level, dim=dim % value._array.ndim)
                           for value, dim in zip(values, dims, strict=True)], out_spec)


def _pair(answer):
    if not isinstance(answer, tuple):
        raise RuntimeError(f"{_TWO}a {type(answer)} instead")
    if len(answer) != 2:
        raise RuntimeError(f"{_TWO}{len(answer)} returns instead")
    return answer
