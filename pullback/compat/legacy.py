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

    def spread_into(self, target, values):
        """After a write of volatile `values`, `target` is volatile: no history, no gradient, no hooks."""
        if values._volatile:
            target._volatile, target._edge, target._grad = True, None, None

    def only_element(self, tensor):
        """`loss.data[0]`: there were no 0-dim tensors, and the element of a tensor was a number, of a variable a variable."""
        return tensor if tensor._edge is not None or tensor._volatile else tensor.item()

    def check_target(self, target):
        """Raise the AssertionError of the loss modules of the time if `target` asks for a gradient."""
        if isinstance(target, Tensor) and target._edge is not None:
            raise AssertionError("nn criterions don't compute the gradient w.r.t. targets - please mark these variables as "
                                 "volatile or not requiring gradients")

    def no_graph(self, index, tensor):
        """The words with which backward refused `tensor`."""
        if tensor._volatile:
            return f"element {index} of variables tuple is volatile"
        return f"element {index} of variables does not require grad and does not have a grad_fn"

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
