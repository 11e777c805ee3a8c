"""The names of reductions, and the options that came before them."""

from __future__ import annotations

import warnings

_LEGACY_WARNING = "size_average and reduce args will be deprecated, please use reduction='{}' instead."


def legacy_get_string(size_average: bool | None, reduce: bool | None, emit_warning: bool = True) -> str:
    """What `size_average` and `reduce` say, as a `reduction`: None stands for True in both."""
    if reduce is False:
        result = "none"
    elif size_average is False:
        result = "sum"
    else:
        result = "mean"
    if emit_warning:
        warnings.warn(_LEGACY_WARNING.format(result), stacklevel=2)
    return result


def resolve(size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    """The reduction to use, old options first. ValueError for a name that is none of mean, sum and none."""
    if size_average is not None or reduce is not None:
        reduction = legacy_get_string(size_average, reduce)
    return check(reduction)


def check(reduction: str) -> str:
    """`reduction` itself, if it is one of mean, sum and none; otherwise ValueError."""
    if reduction == "elementwise_mean":
        warnings.warn(
            "reduction='elementwise_mean' is deprecated. Please use reduction='mean' instead.", stacklevel=2
        )
        return "mean"
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction
