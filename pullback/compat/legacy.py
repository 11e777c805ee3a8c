"""The era before 0.4, for programs of that time: `volatile` as it worked from 0.1 to 0.3.

One volatile input makes every output volatile. It wins over `requires_grad`; nothing is saved, no history is left, and
backward refuses. The core asks in one place, `ops.record.attach`, through the mode's `era`.
"""

from ..graph import Tensor, is_leaf
from ..mode import _DecoratorContextManager, push


class Era:
    """The rules of the time. There is one instance, `ERA`, which a mode carries."""

    def spread(self, inputs, outputs):
        """Make `outputs` volatile if one of `inputs` is; says whether it is."""
        if not any(isinstance(value, Tensor) and value._volatile for value in inputs):
            return False
        for output in outputs:
            output._volatile = True
        return True

    def set_volatile(self, tensor, value):
        """The setter of `tensor.volatile`. Raises as it did then: unless a bool, and on what is no leaf."""
        if not isinstance(value, bool):
            raise RuntimeError("volatile must be a bool")
        if not is_leaf(tensor):
            raise RuntimeError("volatile can only be set on leaf variables")
        tensor._volatile = value
        if value:
            tensor._edge = None


ERA = Era()


class legacy_era(_DecoratorContextManager):
    """Context manager and decorator: `volatile=True` works inside as it did before 0.4.

    So do the old argument and function names, and `loss.data[0]`; see docs/legacy.md.
    """

    __module__ = "pullback"

    def __enter__(self):
        push(era=ERA)
