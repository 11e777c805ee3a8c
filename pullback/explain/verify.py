"""`with explain.check():` compares the derivative of every operation with differences of its values, as it runs.

The rule is asked for a vector-Jacobian product, v·J; the differences give J·u for random directions u; and v·(J u) must be
(v·J) u. Both in float64, whatever the program computes in.
"""

import random
import warnings
from contextlib import contextmanager

import numpy as np

from .. import generator
from ..engine import grad
from ..graph import Tensor, make_leaf, wrap
from ..mode import pop, push, settled
from ..ops.apply import apply
from ..ops.elementwise import elementwise_general
from ..origin import here, line
from .listening import Listener, listening

STEP = 1e-6
DIRECTIONS = 3
ROUGH = 1e-4  # differences that disagree by more than this, relatively, are at a kink
DOUBLE = 1e-15
WRONG = 1e-3  # a derivative that is off by more than this is wrong


class DerivativeError(RuntimeError):
    """A rule gives another derivative than the values do."""


class DerivativeWarning(UserWarning):
    """A rule gives another derivative than the values do."""


class CheckReport:
    """What `check` did. `checked`: the number of derivatives compared; `skipped`: for those that could not be, why, with
    the line; `wrong`: the messages of those that are wrong."""

    def __init__(self):
        self.checked, self.skipped, self.wrong = 0, [], []

    def __str__(self):
        rows = [f"{self.checked} derivatives checked, {len(self.wrong)} wrong, {len(self.skipped)} skipped"]
        return "\n".join([*rows, *self.wrong, *dict.fromkeys(self.skipped)])

    __repr__ = __str__


@contextmanager
def check(raise_error=True):
    """Context manager: check the derivative of every operation inside numerically, on the values that it sees.

    Operations of the library, in-place ones, and custom functions, whose `backward` is compared with the differences of
    their `forward` (which therefore runs many times). Only what is recorded is checked, at the time of the forward. Random
    operations see the same random numbers each time, and the program's are what they would be without the check. Where
    differences to both sides disagree, at a kink, they say nothing, and this part is skipped.

    Raises DerivativeError at the operation whose derivative is wrong, or issues a DerivativeWarning and goes on, if not
    `raise_error`. Gives a `CheckReport`, to look at in the end.
    """
    report = CheckReport()
    with listening(_Checker(report, raise_error)):
        yield report


class _Checker(Listener):
    def __init__(self, report, raise_error):
        self.report, self.raise_error = report, raise_error

    def ran(self, op, inputs, outputs, params):
        """Check an operation of the library."""
        run = elementwise_general if op.partial else apply

        def again(*values):
            result = run(op, values) if op.partial else run(op, values, params)
            return result[0] if op.extras else result

        wanted = [isinstance(value, Tensor) and value._edge is not None and _has_rule(op, place)
                  for place, value in enumerate(inputs)]
        self._check(op.name, again, inputs, wanted, lambda place: _input_name(op, place))

    def applies(self, function, args, kwargs):
        """Check a custom function."""
        wanted = [isinstance(value, Tensor) and value._edge is not None for value in args]
        self._check(f"{function.__qualname__}.backward", lambda *values: function.apply(*values, **kwargs), args, wanted,
                    lambda place: f"argument {place + 1}")

    def _check(self, name, run, inputs, wanted, called):
        wanted = [place for place, want in enumerate(wanted) if want and inputs[place]._array.dtype.kind in "fc"]
        if not settled().recording or not wanted:
            return
        where = line(*here())
        with _unseen():
            try:
                problem = _Problem(run, inputs, wanted)
                faults = [(place, problem.fault(place)) for place in wanted]
            except _Skip as skip:
                self.report.skipped.append(f"{where}: {name}: {skip}")
                return
        for place, fault in faults:
            self.report.checked += 1
            if fault is not None:
                self._tell(where, f"{name} gives a wrong gradient of {called(place)}: {fault}")

    def _tell(self, where, fault):
        message = f"{where}: {fault}\n    {where.text}"
        self.report.wrong.append(message)
        if self.raise_error:
            raise DerivativeError(message)
        warnings.warn_explicit(fault, DerivativeWarning, where.file, where.number)


def _has_rule(op, place):
    return op.together or (place < len(op.rules) and op.rules[place] is not None)


def _input_name(op, place):
    return op.inputs[place] if place < len(op.inputs) else f"{op.starred}[{place - len(op.inputs)}]"


class _Skip(Exception):
    """This derivative cannot be compared, and why."""


@contextmanager
def _unseen():
    """Nothing that runs inside is checked, recorded outside of it, or moves the program's random numbers on."""
    state = generator.default_generator.get_state(), np.random.get_state(), random.getstate()
    push(tracker=None, grad=True)
    try:
        yield
    finally:
        pop()
        generator.default_generator.set_state(state[0])
        np.random.set_state(state[1])
        random.setstate(state[2])


class _Problem:
    """One operation on the values it saw, in double precision."""

    def __init__(self, run, inputs, wanted):
        self.run, self.wanted, self.inputs = run, wanted, inputs
        self.random = np.random.Generator(np.random.PCG64(0))
        self.state = generator.default_generator.get_state(), np.random.get_state(), random.getstate()
        self.values = {place: _double(inputs[place]._array) for place in wanted}
        self.outputs = [array.copy() for array in self._evaluate({})]

    def _restart(self):
        generator.default_generator.set_state(self.state[0])
        np.random.set_state(self.state[1])
        random.setstate(self.state[2])

    def _copies(self, changed):
        """The inputs once more: fresh tensors, so that an operation may write to them; doubles where a gradient is wanted."""
        found = []
        for place, value in enumerate(self.inputs):
            if isinstance(value, Tensor):
                array = changed[place] if place in changed else self.values.get(place)
                value = wrap(_double(value._array) if array is None else array.copy(order="K"))
            found.append(value)
        return found

    def _evaluate(self, changed):
        self._restart()
        push(grad=False)
        try:
            return [output._array for output in _tensors(self._called(self._copies(changed)))]
        finally:
            pop()

    def _called(self, values):
        try:
            return self.run(*values)
        except Exception as error:
            raise _Skip(f"it does not run in double precision ({type(error).__name__}: {error})") from None

    def fault(self, place):
        """What is wrong with the gradient of the input at `place`, in words; None if nothing is."""
        for _ in range(DIRECTIONS):
            direction = self._direction(self.values[place])
            slopes, smooth = self._slopes(place, direction)
            weights = [np.where(good, self._random(slope), 0) for slope, good in zip(slopes, smooth, strict=True)]
            if not any(good.any() for good in smooth) and any(slope.size for slope in slopes):
                raise _Skip("the values have a kink, a jump or no number here")
            gradient = self._gradient(place, weights)
            expected, found = sum(map(_inner, weights, slopes)), _inner(gradient, direction)
            size = _norm(gradient * direction) + sum(map(_norm, map(np.multiply, weights, slopes)))
            if not abs(found - expected) <= self._tolerance() * size + 1e-9:
                return f"along a random direction it is {found:.6g}, by differences {expected:.6g}"
        return None

    def _coarsest(self):
        """The precision of the least precise output."""
        return max([np.finfo(output.real.dtype).eps for output in self.outputs if output.dtype.kind in "fc"], default=1)

    def _tolerance(self):
        """How far off a gradient may be: outputs in lower precision say less about it."""
        return max(WRONG, 30 * np.sqrt(self._coarsest())) if self._coarsest() > DOUBLE else WRONG

    def _step(self):
        """The length of a step: where truncation and rounding are of one size."""
        return max(STEP, self._coarsest() ** (1 / 3)) if self._coarsest() > DOUBLE else STEP

    def _random(self, like):
        values = self.random.standard_normal(like.shape)
        return values + 1j * self.random.standard_normal(like.shape) if like.dtype.kind == "c" else values

    def _direction(self, array):
        """A random direction, shorter for elements near zero and longer for very large ones, as their precision is."""
        return self._random(array) * np.maximum(np.clip(np.abs(array), 1e-3, 1), 1e-4 * np.abs(array))

    def _slopes(self, place, direction):
        """The derivative along `direction` of every output, and where it is the same from all sides; elsewhere it is 0."""
        step = self._step()

        def moved(by):
            return self._evaluate({place: self.values[place] + by * direction})

        far, near = [(moved(by), moved(-by)) for by in (step, step / 2)]
        slopes, smooth = [], []
        for output, up, down, close_up, close_down in zip(self.outputs, *far, *near, strict=True):
            if not output.shape == up.shape == down.shape:
                raise _Skip("the shape of the result depends on the values")
            with np.errstate(all="ignore"):
                slope, close = (up - down) / (2 * step), (close_up - close_down) / step
                right, left = (up - output) / step, (output - down) / step
                limit = max(ROUGH, self._tolerance() / 10) * (np.abs(slope) + _typical(slope)) + 1e-7
                good = (np.abs(right - left) <= limit) & (np.abs(slope - close) <= limit)
            smooth.append(good & np.isfinite(slope))
            slopes.append(np.where(smooth[-1], slope, 0))
        return slopes, smooth

    def _gradient(self, place, weights):
        """The vector-Jacobian product of the operation's rule."""
        self._restart()
        copies = self._copies({})
        leaf = make_leaf(copies[place])
        copies[place] = leaf.clone()  # not the leaf itself, which an operation must not write to
        outputs = _tensors(self._called(copies))
        pairs = [(output, wrap(np.asarray(weight, output._array.dtype)))
                 for output, weight in zip(outputs, weights, strict=True) if output._edge is not None]
        if not pairs:
            return np.zeros_like(self.values[place])
        outputs, weights = zip(*pairs, strict=True)
        found, = grad(outputs, (leaf,), weights, allow_unused=True)
        return np.zeros_like(self.values[place]) if found is None else found._array


def _double(array):
    """A copy in the widest precision of its kind, laid out as it is; integers and bool stay as they are."""
    kind = {"f": np.float64, "c": np.complex128}.get(array.dtype.kind, array.dtype)
    return array.astype(kind, order="K")


def _tensors(result):
    return [value for value in (result if isinstance(result, (tuple, list)) else (result,)) if isinstance(value, Tensor)]


def _inner(a, b):
    return float(np.sum((np.conj(a) * b).real))


def _norm(a):
    return float(np.sqrt(np.sum(np.abs(a) ** 2)))


def _typical(slope):
    finite = slope[np.isfinite(slope)]
    return np.sqrt(np.mean(np.abs(finite) ** 2)) if finite.size else 0.0
