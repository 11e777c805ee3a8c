"""Random numbers inside `vmap`: none, the same for all samples, or others for each, as every open level was asked for."""

import numpy as np

from ..mode import current_mode
from .array import batched, levels_of
from .crossing import leave

_FORBIDDEN = (
    "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' randomness flags "
    "on vmap or perform the randomness operation out of vmap"
)
_SAME = "Vmap does not currently support same randomness with a batched tensor input. Please file an issue with functorch"
_IN_PLACE = (
    "vmap: Cannot ask for different inplace randomness on an unbatched tensor. This will appear like same randomness. If this is "
    "necessary for your usage, please file an issue with functorch."
)
_OUT = ("vmap: We do not support calling out variants of random operations inside of vmap. Please use non-out variants as a "
        "workaround")


def numbers(draw, shape=(), *given, target=None):
    """What `draw(shape, *given)` draws, `given` being arrays of that shape, for all samples of a batch that are to differ.

    They are drawn at once: the sizes of the batches come in front of the shape. `target`: the array that they will be
    written to. Raises RuntimeError where random numbers, or different ones, are not wanted.
    """
    levels = different(*given)
    if target is not None and any(level not in levels_of(target.shape) for level in levels):
        raise RuntimeError(_IN_PLACE)
    result = draw((*[level.size for level in levels], *shape), *[_whole(array, levels) for array in given])
    return batched(result, levels)


def different(*given):
    """The open levels at which samples have numbers of their own, outermost first.

    Raises RuntimeError if there should be none, or if they should be the same though `given` arrays differ.
    """
    innermost = current_mode().batch
    levels = [] if innermost is None else innermost.stack()
    for level in reversed(levels):
        if level.randomness == "error":
            raise RuntimeError(_FORBIDDEN)
        if level.randomness == "same" and any(level in levels_of(np.shape(array)) for array in given):
            raise RuntimeError(_SAME)
    return [level for level in levels if level.randomness == "different"]


def _whole(array, levels):
    for level in reversed(levels):
        array = leave(array, level, 0)
    return array


def check_out(out):
    """Raise RuntimeError if random numbers are to be written to `out` inside of `vmap`."""
    if out is not None and current_mode().batch is not None:
        raise RuntimeError(_OUT)
