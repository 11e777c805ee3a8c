"""What the transforms are given, checked with torch's words: argument numbers, trees of tensors, pairs with `aux`."""

from ..graph import Tensor
from ..trees import tree_flatten, tree_leaves


def places(argnums, count):
    """`argnums`, an int or a tuple, as places among `count` positional arguments. Raises RuntimeError unless there are such."""
    if isinstance(argnums, int):
        return _place(argnums, count)
    if not isinstance(argnums, tuple):
        raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    if not argnums:
        raise RuntimeError("argnums must be non-empty")
    found = tuple([_place(argnum, count) for argnum in argnums])
    if len(set(found)) != len(found):
        raise RuntimeError(f"argnums elements must be unique, got {found}")
    return found


def _place(argnum, count):
    if not isinstance(argnum, int):
        raise RuntimeError(f"argnum must be int, got: {type(argnum)}")
    if not -count <= argnum < count:
        raise RuntimeError(f"Got argnum={argnum}, but only {count} positional inputs")
    return argnum % count


def picked(args, argnums):
    """The arguments at these places: one, or a tuple."""
    return args[argnums] if isinstance(argnums, int) else tuple([args[argnum] for argnum in argnums])


def replaced(args, argnums, values):
    """The arguments with others at these places."""
    args = list(args)
    for argnum, value in zip((argnums,), (values,), strict=True) if isinstance(argnums, int) else zip(
            argnums, values, strict=True):
        args[argnum] = value
    return args


def with_aux(result, has_aux, api):
    """The pair (output, aux) that a function returned; without `has_aux`, its output and None."""
    if not has_aux:
        return result, None
    if not isinstance(result, tuple) or len(result) != 2:
        raise RuntimeError(f"{api}: output of function f should be a tuple: (output, aux) if has_aux is True")
    return result


def only_tensors(leaves, api):
    """Raise RuntimeError unless what a function returned is tensors, and at least one."""
    if not leaves or (len(leaves) == 1 and leaves[0] is None):
        raise RuntimeError(f"{api}: Expected f to be a function that has non-empty output (got output = {leaves})")
    for leaf in leaves:
        if not isinstance(leaf, Tensor):
            raise RuntimeError(f"{api}: expected f(*primals) to return only tensors, got unsupported type {type(leaf)}")


def given_tensors(tree, what):
    """The leaves and the structure of a tree of tensors given to `jvp`. Raises RuntimeError on others."""
    leaves, spec = tree_flatten(tree)
    if not leaves:
        raise RuntimeError(f"jvp(f, primals, tangents): Expected {what} to contain at least one Tensor.")
    for leaf in leaves:
        if not isinstance(leaf, Tensor):
            raise RuntimeError(f"jvp(f, primals, tangents): Expected {what} to only contain Tensors, got {type(leaf)}")
    return leaves, spec


def check_aux(aux):
    """Raise RuntimeError on anything but tensors in `aux`."""
    for leaf in tree_leaves(aux):
        if not isinstance(leaf, Tensor):
            raise RuntimeError(f"Expected tensors, got unsupported type {type(leaf)}")


def check_real(values, api, what):
    """Raise RuntimeError on a complex tensor, for which Jacobians are not defined here."""
    for index, value in enumerate(values):
        if isinstance(value, Tensor) and value.is_complex():
            raise RuntimeError(f"{api}: Expected all {what} to be real but received complex tensor at flattened input idx: "
                               f"{index}")
