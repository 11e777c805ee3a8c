"""torch.utils._pytree: the functions of `pullback.trees` under the name torch gives them."""

from ..trees import *  # noqa: F403
from ..trees import __all__, _broadcast_to_and_flatten

__all__ = [*__all__, "_broadcast_to_and_flatten"]
