"""What anomaly mode does: note where every operation was called, and tell it when the operation's backward fails."""

import sys
import traceback
import warnings

from .graph import Tensor
from .origin import caller


class Anomaly:
    """What `mode.anomaly` is in anomaly mode. `parent`: the node whose backward is running and is itself recorded."""

    def __init__(self, check_nan, parent=None):
        self.check_nan, self.parent = check_nan, parent

    def within(self, node):
        """The mode during the backward of `node`."""
        return Anomaly(self.check_nan, node)

    def recorded(self, node, outputs):
        """Note in the node's metadata where it was made, and in the backward of which node."""
        node.metadata["traceback_"] = traceback.format_stack(caller(sys._getframe(1)))
        if self.parent is not None:
            node.metadata["parent_"] = self.parent

    def check(self, node, gradients):
        """Raise RuntimeError if one of the gradients that `node` returned is NaN somewhere."""
        if not self.check_nan:
            return
        for number, place in enumerate(node.places()):
            gradient = gradients[place]
            array = gradient._array if isinstance(gradient, Tensor) else gradient
            if array is not None and (array != array).any():
                raise RuntimeError(f"Function '{node.name()}' returned nan values in its {number}th output.")

    def report(self, edge):
        """Warn that the backward of a node failed, with the traceback of its forward and of those that led to it."""
        node = edge.target()[0] or edge
        _warn(f"Error detected in {node.name()}. ", "Traceback of forward call that caused the error:", node)
        while (node := node.metadata.get("parent_")) is not None:
            _warn(f"\n\nPrevious calculation was induced by {node.name()}. ",
                  "Traceback of forward call that induced the previous calculation:", node)


def _warn(what, whose, node):
    lines, line = node.metadata.get("traceback_"), node.line
    if lines is not None:
        what += f"{whose}\n{''.join(lines)}"
    else:
        what += "No forward pass information available. Enable detect anomaly during forward pass for more information."
        what += "" if line is None else f" It was called at {line}: {line.text}"
    warnings.warn(what, stacklevel=4)
