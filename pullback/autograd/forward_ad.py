"""torch.autograd.forward_ad: forward mode by hand, one level at a time."""

from typing import NamedTuple

from .. import tangents
from ..graph import Tensor
from ..mode import _DecoratorContextManager, inside, pop, settled

__all__ = ["UnpackedDualTensor", "dual_level", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual"]
