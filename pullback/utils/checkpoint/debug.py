"""What ran in the two runs of a checkpoint, for errors that say that they differ."""

from ...mode import inside
from ...ops.running import Runner
from ...origin import here, line
from .frames import CheckpointError

_TEXT = """ An error happened while unpacking tensors; dumping logs of latest computation
because you passed `debug=True` to `torch.utils.checkpoint.checkpoint()`.
Scroll all the way down for guidance on how to navigate these logs.

1. Operators that ran in the original forward

{}
2. Operators that ran during recomputation

{}
3. The first line at which the lists differ shows where the function did something else. The error was:

{}"""


class _Names(Runner):
    """Notes each operation: its name, the shapes of its results, and the line that called it."""

    def __init__(self):
        self.lines = []

    def ran(self, op, inputs, params, outputs, extras):
        """Note one operation."""
        place = line(*here())
        shapes = ", ".join(str(list(output.shape)) for output in outputs)
        self.lines.append(f"{op.name} -> {shapes}  at {place}: {place.text}\n")


class Log:
    """The operations of both runs."""

    def __init__(self):
        self.first, self.second = _Names(), _Names()

    def contexts(self):
        """The contexts of the two runs, inside of which operations are noted."""
        return inside(runner=self.first), inside(runner=self.second)

    def explained(self, error):
        """`error` with all that was noted."""
        return CheckpointError(_TEXT.format("".join(self.first.lines), "".join(self.second.lines), error))
