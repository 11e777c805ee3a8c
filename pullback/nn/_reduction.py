"""The options of losses that came before `reduction`."""

from __future__ import annotations

import warnings

from ..mode import current_mode

_LEGACY_WARNING = "size_average and reduce args will be deprecated, please use reduction='{}' instead."


def legacy_get_string(size_average: bool | None, reduce: bool | None, emit_warning: bool = True) -> str:
    """What `size_average` and `reduce` say, as a `reduction`: None stands for True in both."""
    if reduce is False:
        result = "none"
    elif size_average is False:
        result = "sum"
    else:
        result = "mean"
    if emit_warning and current_mode().era is None:  # before 0.4 there was nothing else
        warnings.warn(_LEGACY_WARNING.format(result), stacklevel=2)
    return result

