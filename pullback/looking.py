"""The nodes of a backward that need a closer look: watched, captured, run by users' code, or all under anomaly mode."""

from functools import partial
from sys import getrefcount

import numpy as np

from .accumulation import accumulate, accumulated
from .fitting import fit
from .graph import NOBODY, Leaf, Output
from .mode import current_mode
from .observing import observe, observed
from .runs import enter_run

ENDS = None, None
_HELD = 3  # references to a gradient that nobody else holds: the engine's, that of `at`, and the one that counts


class Look:
    """A backward as those see it who look: `found` is what was captured, `before` the mode to go back to, once it was left."""

    __slots__ = ("roots", "useful", "captures", "as_tensors", "accumulating", "anomaly", "closely", "found", "before")

    def __init__(self, roots, useful, captures, create_graph, as_tensors, accumulating):
        self.roots, self.useful, self.captures, self.as_tensors = roots, useful, captures, as_tensors
        self.accumulating, self.anomaly, self.found, self.before = accumulating, current_mode().anomaly, {}, None
        self.closely = captures is not None or self.anomaly is not None  # at every node
        if as_tensors or self.anomaly is not None:
            self.before = enter_run(create_graph, roots, useful)

    def at(self, node, gradient):
        """The gradient as hooks left it, and the gradients of the inputs if they are there already; `ENDS` if it ends here."""
        captures, watch = self.captures, node.watch
        watched = watch is not None and watch is not NOBODY
        captured = captures is not None and node in captures
        hooked = self.anomaly is not None or (watched and watch.hooked)
        if captured:
            self.found[node] = gradient
        if watched or node.runs_user_code:
            if self.before is None:
                self.before = enter_run(False, self.roots, self.useful)
            if type(gradient) is np.ndarray and (gradient.base is not None or getrefcount(gradient) > _HELD):
                gradient = gradient.copy()  # users may write to what they are given
        if watched:
            gradient = observe(node, gradient, self.as_tensors)
        if captured and not captures[node]:  # unless others lie behind it, it is captured as the hooks left it
            self.found[node] = gradient
        if type(node) is Leaf:
            if self.accumulating:
                self._accumulate(node, gradient, hooked)
            return ENDS
        if captured and not captures[node]:
            return ENDS
        if not hooked or type(node) is Output:
            return gradient, None
        return gradient, observed(node, gradient, self.as_tensors, node.pull, fit)

    def _accumulate(self, leaf, gradient, hooked):
        if hooked:
            observed(leaf, gradient, self.as_tensors, partial(accumulated, leaf), fit)
        else:
            accumulate(leaf, gradient, self.as_tensors, self.captures is None and getrefcount(gradient) <= _HELD + 1)
