"""Where in the user's program something happened: a code object and an instruction, a file and a line once someone asks.

Noting a place takes two attributes of a frame and keeps no frame alive. Frames of this package are passed over, so that
what a module or a composed function does on a user's behalf belongs to the user's line; so are those of the standard
library that call back into it.
"""

import contextlib
import copy
import linecache
import sys
from itertools import islice
from os.path import dirname, join

NOWHERE = None, None
_BETWEEN = (join(dirname(__file__), ""), copy.__file__, contextlib.__file__)
_getframe = sys._getframe


class _Ours(dict):
    """For each file name, whether the file is this package's, or stands between it and the user's."""

    def __missing__(self, filename):
        ours = self[filename] = filename.startswith(_BETWEEN)
        return ours


_ours = _Ours()
code = None  # the user's code that was seen last: the short paths compare with it before they look any closer


def caller(frame):
    """The user's frame: `frame` itself, or the innermost one around it that is not this package's."""
    global code
    inner = frame
    while _ours[frame.f_code.co_filename]:
        outer = frame.f_back
        if outer is None:
            break
        frame = outer
    if frame is inner:
        code = frame.f_code
    return frame


def here(depth=1):
    """The running line of the user's program, as a code object and an instruction in it.

    `depth`: how many callers are known to be this package's, which saves looking at them.
    """
    frame = caller(_getframe(depth))
    return frame.f_code, frame.f_lasti


class Line:
    """A line of a program: `file`, `number`, the `function` it is in, its `text`, and the `expression` that was running."""

    def __init__(self, code, instruction):
        start, end, first, last = next(islice(code.co_positions(), instruction // 2, None), (None,) * 4)
        self.file, self.number, self.function = code.co_filename, start or code.co_firstlineno, code.co_qualname
        raw = linecache.getline(self.file, self.number).rstrip("\n")
        self.text = raw.strip()
        whole = start is None or start != end or first is None or last is None
        self.expression = self.text if whole else raw.encode()[first:last].decode()

    def __str__(self):
        return f"{self.file}:{self.number}"

    def __repr__(self):
        return f"<{self} in {self.function}: {self.text}>"

    def __eq__(self, other):
        return isinstance(other, Line) and (self.file, self.number) == (other.file, other.number)

    def __hash__(self):
        return hash((self.file, self.number))


def line(code, instruction):
    """The `Line` of a noted place; None if there is none."""
    return None if code is None else Line(code, instruction)
