"""torch.utils.hooks: the handle that takes a registered hook out again."""

from ..hooks import RemovableHandle

__all__ = ["RemovableHandle"]
