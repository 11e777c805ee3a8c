"""torch.autograd.forward_ad: forward mode by hand, one level at a time."""

from typing import NamedTuple

from .. import errors
from ..graph import Tensor
from ..mode import _DecoratorContextManager, inside, pop, push, settled
from ..ops.shape import alias
from ..tangents import DualLevel
from ..tangents import make_dual as _make_dual

__all__ = ["UnpackedDualTensor", "dual_level", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual"]


class UnpackedDualTensor(NamedTuple):
    """A tensor taken apart: its values and its tangent, None if it has none."""

    primal: Tensor
    tangent: Tensor | None


UnpackedDualTensor.__module__ = "pullback.autograd.forward_ad"


def _levels():
    """The level that is open, in a tuple, also where tangents are switched off; empty if there is none."""
    mode = settled()
    while mode is not None and not mode.duals:
        mode = mode.parent
    return () if mode is None else mode.duals


def __getattr__(name):
    if name == "_current_level":
        return len(_levels()) - 1
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


def enter_dual_level():
    """Open a level and return its number, 0. Raises RuntimeError if one is open: they do not nest."""
    if _levels():
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    DualLevel().__enter__()
    return 0


def exit_dual_level(*, level=None):
    """Close the level: tensors lose their tangents. Raises RuntimeError if none is open, or `level` is not its number."""
    levels = _levels()
    if level is not None and level != len(levels) - 1:
        raise RuntimeError("Trying to exit a forward AD level that was not the last one that was created. This is not supported.")
    if not levels:
        raise RuntimeError("Dual level must be a positive number.")
    levels[-1].__exit__()


class dual_level(_DecoratorContextManager):
    """Context manager and decorator for a level of forward mode, in which `make_dual` gives tensors tangents."""

    __module__ = "pullback.autograd.forward_ad"

    def __enter__(self):
        return enter_dual_level()

    def __exit__(self, *exception):
        exit_dual_level()


def _at(level):
    """The level of this number, by default the one that is open; None if none is."""
    levels = _levels()
    if level is None or level < 0:
        return levels[-1] if levels and level is None else None
    if not levels:
        raise RuntimeError("Trying to access a forward AD level with an invalid index. This index was either not created or is "
                           "already deleted.")
    if level >= len(levels):
        raise RuntimeError("Invalid level given to _make_dual")
    return levels[level]


def make_dual(tensor, tangent, *, level=None):
    """A view of `tensor` with that tangent: operations on it compute the derivative in its direction.

    Both are of floating point or complex dtype, the shapes equal. Raises RuntimeError if no level is open, the shapes differ
    or one of them has a tangent already, ValueError on integers and bool.
    """
    place = _at(level)
    if place is None:
        raise RuntimeError("Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() "
                           "first.")
    for value in (tensor, tangent):
        if not isinstance(value, Tensor):
            raise AttributeError(f"'{type(value).__name__}' object has no attribute 'is_floating_point'")
    if place.of(tensor) is not None:
        raise RuntimeError("Making a dual Tensor based on a Tensor that already has a forward gradient at the same level 0 is "
                           "not supported.")
    if place.of(tangent) is not None:
        raise RuntimeError("Setting a forward grad that itself has a forward gradient at the same level0 is not supported.")
    return _make_dual(tensor, tangent, place)


def unpack_dual(tensor, *, level=None):
    """The values and the tangent of a tensor. Outside of a level there are no tangents."""
    if not isinstance(tensor, Tensor):
        raise errors.not_tensor("_unpack_dual", "dual", 1, tensor)
    place = _at(level) if _levels() else None
    if place is None:
        return UnpackedDualTensor(tensor, None)
    with inside(duals=()):
        return UnpackedDualTensor(alias(tensor), place.of(tensor))


class _set_fwd_grad_enabled(_DecoratorContextManager):
    """Context manager and decorator: whether operations compute tangents."""

    def __init__(self, mode):
        self.mode = mode

    def clone(self):
        return _set_fwd_grad_enabled(self.mode)

    def __enter__(self):
        push(duals=_levels() if self.mode else ())

    def __exit__(self, *exception):
        pop()


def _is_fwd_grad_enabled():
    """Whether operations compute tangents where a level is open."""
    return bool(settled().duals) or not _levels()
