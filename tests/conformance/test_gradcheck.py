"""gradcheck and gradgradcheck in both libraries: the same answer, or the same report to the letter."""

import re
import warnings

import numpy as np
import pytest

from .libraries import LIBRARIES

VALUES = np.random.default_rng(1).uniform(0.5, 1.5, (4, 3))


def function(T, forward, backward, **more):
    """A custom operation."""
    return type("Custom", (T.autograd.Function,), {
        "forward": staticmethod(forward), "backward": staticmethod(backward),
        **{name: staticmethod(value) for name, value in more.items()}}).apply


def times(T, right, wrong):
    """Multiplication by `right` with the gradient of one by `wrong`."""
    return function(T, lambda ctx, x: x * right, lambda ctx, g: g * wrong)


def saved(T, forward, backward):
    """An operation of one input whose backward is `backward(g, x)`."""
    return function(T, lambda ctx, x: (ctx.save_for_backward(x), forward(x))[1], lambda ctx, g: backward(g, *ctx.saved_tensors))


def inputs(T, *shapes, dtype="float64"):
    """Tensors that require gradients."""
    return tuple([(T.tensor(VALUES.reshape(-1)[: int(np.prod(shape))].reshape(shape)) * (1 + 0.3j if "complex" in dtype else 1)
                   ).to(getattr(T, dtype)).requires_grad_() for shape in shapes])


def answer(T, check, func, given, options):
    """('value', True or False) or the error with its text, and the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = "value", getattr(T.autograd, check)(func, given, **options)
        except Exception as error:
            found = type(error).__name__, re.sub(r" ?\(Triggered internally at .*?\)", "", str(error))
    return found, [str(warning.message) for warning in caught if warning.category is UserWarning]


NUMBER = re.compile(r" *-?\d+\.\d*(?:e[+-]\d+)?")


def assert_alike(ours, theirs):
    """Raise AssertionError unless the answers are the same, digits apart that stand for the rounding errors of differences."""
    (kind, text), (wanted_kind, wanted) = ours[0], theirs[0]
    assert (kind, ours[1]) == (wanted_kind, theirs[1])
    if kind == "value":
        assert text is wanted
        return
    wanted = wanted.replace(", grad_fn=<CopySlices>", "")  # PyTorch records how it puts the Jacobian of forward mode together
    assert NUMBER.sub("number", text) == NUMBER.sub("number", wanted)
    single = any("Input #" in warning for warning in ours[1])
    np.testing.assert_allclose([float(n) for n in NUMBER.findall(text)], [float(n) for n in NUMBER.findall(wanted)],
                               rtol=1e-6, atol=0.2 if single else 1e-6)


def same(func, given, check="gradcheck", **options):
    """Raise AssertionError unless both libraries say the same of `func(T)` at `given(T)`; returns the answer."""
    ours, theirs = [answer(T, check, func(T), given(T), options) for T in LIBRARIES]
    assert_alike(ours, theirs)
    return ours[0]


def vector(T):
    return inputs(T, (3,))


def two(T):
    return inputs(T, (2, 2), (2,))


def complex_vector(T):
    return inputs(T, (2,), dtype="complex128")


RIGHT = {  # name: (function of the library, inputs)
    "power": (lambda T: lambda x: x**3, vector),
    "scalar": (lambda T: lambda x: x.sin().sum(), vector),
    "two inputs": (lambda T: lambda x, y: x @ y, two),
    "two outputs": (lambda T: lambda x, y: (x * y, y.exp()), two),
    "list of outputs": (lambda T: lambda x: [x * 2, x.sum()], vector),
    "an input that needs no gradient": (lambda T: lambda x, y, n: x * y * n, lambda T: (*vector(T), T.ones(3), 2)),
    "the inputs as a list": (lambda T: lambda x, y: x * y, lambda T: list(two(T))),
    "a single input": (lambda T: lambda x: x * 2, lambda T: vector(T)[0]),
    "an input that does not matter": (lambda T: lambda x, y: x * 2, two),
    "constant": (lambda T: lambda x: T.ones(2, dtype=T.float64), vector),
    "integers after": (lambda T: lambda x: (x * 2, x.argmax()), vector),
    "integers alone": (lambda T: lambda x: x.argmax(), vector),
    "a constant beside": (lambda T: lambda x: (x.detach() * 2, x * 2), vector),
    "transposed": (lambda T: lambda x: x.t() * 2, lambda T: (inputs(T, (2, 2))[0].detach().t().requires_grad_(),)),
    "empty": (lambda T: lambda x: x * 2, lambda T: inputs(T, (0,))),
    "empty output": (lambda T: lambda x: x[:0], vector),
    "no dimensions": (lambda T: lambda x: x * x, lambda T: inputs(T, ())),
    "complex": (lambda T: lambda x: x * x, complex_vector),
    "complex to real": (lambda T: lambda x: x.abs(), complex_vector),
    "real to complex": (lambda T: lambda x: x * 1j, vector),
    "conjugate": (lambda T: lambda x: x.conj() * 2, complex_vector),
    "mixed": (lambda T: lambda x, y: (x * y, y * 2), lambda T: (*complex_vector(T), *inputs(T, (2,)))),
    "returns its input": (lambda T: lambda x: x, vector),
    "identity function": (lambda T: function(T, lambda ctx, x: x * 1, lambda ctx, g: g), vector),
}
WRONG = {
    "factor": (lambda T: times(T, 2, 3), vector),
    "matrix": (lambda T: times(T, 2, 3), lambda T: inputs(T, (2, 2))),
    "second input": (lambda T: lambda x, y: x * times(T, 2, 3)(y), two),
    "second output": (lambda T: lambda x, y: (x * 2, times(T, 2, 3)(y)), two),
    "both outputs": (lambda T: lambda x, y: (times(T, 2, 3)(x), times(T, 2, 3)(y)), two),
    "slightly": (lambda T: times(T, 2, 2.01), vector),
    "within the tolerance": (lambda T: times(T, 2, 2 + 1e-6), vector),
    "missing gradient": (lambda T: function(T, lambda ctx, x: x * 2, lambda ctx, g: None), vector),
    "detached": (lambda T: lambda x: x.detach() * 2, vector),
    "half detached": (lambda T: lambda x: x * x.detach(), vector),
    "real part": (lambda T: function(T, lambda ctx, x: x * 2, lambda ctx, g: g.real * 2 + 3j * g.imag), complex_vector),
    "imaginary part": (lambda T: times(T, 1j, -1), complex_vector),
    "absolute value": (lambda T: saved(T, lambda x: x.abs(), lambda g, x: g * x), complex_vector),
    "times i": (lambda T: function(T, lambda ctx, x: x * 1j, lambda ctx, g: g.imag * 2), vector),
    "not scaled": (lambda T: function(T, lambda ctx, x: x * 2, lambda ctx, g: g * 2 + (g == 0).all() * 1.0), vector),
    "float32": (lambda T: lambda x: x**2, lambda T: inputs(T, (3,), dtype="float32")),
    "float32 beside": (lambda T: lambda x, y: x * y, lambda T: (*vector(T), *inputs(T, (3,), dtype="float32"))),
    "no gradient required": (lambda T: lambda x: x, lambda T: T.ones(3)),
    "no inputs": (lambda T: lambda: T.ones(3), lambda T: ()),
    "overlapping": (lambda T: lambda x: x, lambda T: T.ones(1, dtype=T.float64).expand(3).requires_grad_()),
    "shape": (lambda T: lambda x: x.repeat(1 + int(x.detach()[0] > VALUES[0, 0])), vector),
    "dtype": (lambda T: lambda x: x if x.detach()[0] > VALUES[0, 0] else x.float(), vector),
    "dtype of a number": (lambda T: lambda x: x if x.detach() > VALUES[0, 0] else x.float(), lambda T: inputs(T, ())),
    "no tensor": (lambda T: lambda x: 3, vector),
    "nothing": (lambda T: lambda x: None, vector),
    "raises": (lambda T: lambda x: 1 / 0, vector),
    "raises backward": (lambda T: function(T, lambda ctx, x: x * 2, lambda ctx, g: 1 / 0), vector),
}
CASES = RIGHT | WRONG
FAST_KNOWN = {"a constant beside": "PyTorch takes the constant for the other output",
              "float32 beside": "PyTorch fails while it writes the report"}


@pytest.mark.parametrize("fast_mode", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_answers(name, fast_mode):
    if name in FAST_KNOWN and fast_mode:
        pytest.skip(FAST_KNOWN[name])
    found = same(*CASES[name], fast_mode=fast_mode)
    if name in RIGHT:
        assert found == ("value", True)
    elif name not in ("within the tolerance", "shape", "float32 beside"):
        assert found[0] != "value"


@pytest.mark.parametrize("name", CASES)
def test_answers_without_exceptions(name):
    same(*CASES[name], raise_exception=False)


@pytest.mark.parametrize("options", [{"atol": 1}, {"rtol": 1.0}, {"eps": 1e-2}, {"eps": 1e-4, "atol": 1e-3}, {"masked": True},
                                     {"check_grad_dtypes": True}, {"check_undefined_grad": False}, {"nondet_tol": 1.0}], ids=str)
@pytest.mark.parametrize("name", ["power", "factor", "slightly", "not scaled", "two outputs", "detached", "complex"])
def test_options(name, options):
    same(*CASES[name], **options)
    same(*CASES[name], fast_mode=True, **options)


@pytest.mark.parametrize("options", [
    {"check_backward_ad": False}, {"check_backward_ad": False, "check_forward_ad": True, "check_batched_grad": True},
    {"check_batched_forward_grad": True}], ids=str)
def test_flags_that_contradict_each_other(options):
    assert same(*CASES["power"], **options)[0] == "AssertionError"


def test_gradients_that_differ_from_run_to_run():
    def noisy(T):
        runs = []
        return function(T, lambda ctx, x: x * 2, lambda ctx, g: (runs.append(0), g * (2 + 1e-6 * len(runs)))[1])

    for fast_mode in (False, True):
        assert same(noisy, vector, fast_mode=fast_mode)[0] == "GradcheckError"
        assert same(noisy, vector, fast_mode=fast_mode, nondet_tol=1e-3) == ("value", True)


def test_what_fast_mode_lets_pass():
    """It allows the error that `atol` would allow in each of all elements."""
    nearly, nine = (lambda T: times(T, 2, 2 + 2e-5)), (lambda T: inputs(T, (9,)))
    assert same(nearly, nine, rtol=0.0)[0] == "GradcheckError"
    assert same(nearly, nine, rtol=0.0, fast_mode=True) == ("value", True)


def test_what_slow_mode_would_let_pass():
    """Where the derivatives along the random direction nearly cancel, little is left to which an error may be relative."""
    def unlike(T):
        weights, wrong = T.tensor([735.0, -187.5], dtype=T.float64), T.tensor([1 + 5e-4, 1.0], dtype=T.float64)
        return function(T, lambda ctx, x: x * weights, lambda ctx, g: g * weights * wrong)

    pair = lambda T: inputs(T, (2,))
    assert same(unlike, pair) == ("value", True)
    assert "the\ntest might've passed in slow_mode!" in same(unlike, pair, fast_mode=True)[1]


def test_batches():
    for name in ("two outputs", "complex", "an input that does not matter", "identity function"):
        assert same(*CASES[name], check_batched_grad=True) == ("value", True)


def test_undefined_gradients():
    def of_two(beside_undefined):
        """Two outputs, and a backward that does as it is told if one gradient is zero and the other undefined."""
        def backward(ctx, a, b):
            if a is not None and b is not None:
                return a * 2 + b * 3
            if a is None and b is None:
                return None
            defined = b * 3 if a is None else a * 2
            return beside_undefined(defined) if not defined.any() else defined

        return lambda T: function(T, lambda ctx, x: (ctx.set_materialize_grads(False), (x * 2, x * 3))[1], backward)

    def refuse(g):
        raise RuntimeError("two gradients, please")

    assert same(of_two(lambda g: g), vector) == ("value", True)
    for wrong in (refuse, lambda g: g + 1):
        assert same(of_two(wrong), vector)[0] == "GradcheckError"
        assert same(of_two(wrong), vector, raise_exception=False) == ("value", False)
        assert same(of_two(wrong), vector, check_undefined_grad=False) == ("value", True)


SECOND = {
    "power": RIGHT["power"], "two inputs": RIGHT["two inputs"], "two outputs": RIGHT["two outputs"],
    "complex": RIGHT["complex"], "complex to real": (lambda T: lambda x: (x * x.conj()).real, complex_vector),
    "detached": (lambda T: saved(T, lambda x: x**2, lambda g, x: g * 2 * x.detach()), vector),
    "wrong first": (lambda T: times(T, 2, 3), vector),
    "wrong second": (lambda T: saved(T, lambda x: x**3, lambda g, x: times(T, 3, 4)(g * x * x)), vector),
    "linear": (lambda T: lambda x: x * 2, vector),
    "an input that needs no gradient": RIGHT["an input that needs no gradient"],
    "not required": (lambda T: lambda x: x, lambda T: T.ones(3)),
    "float32": WRONG["float32"],
}


@pytest.mark.parametrize("fast_mode", [False, True])
@pytest.mark.parametrize("name", SECOND)
def test_second_derivatives(name, fast_mode):
    for options in ({}, {"gen_non_contig_grad_outputs": True}, {"raise_exception": False}):
        for T in LIBRARIES:
            T.manual_seed(0)
        same(*SECOND[name], check="gradgradcheck", fast_mode=fast_mode, **options)


def test_given_gradients_of_the_outputs():
    for make in (lambda T: inputs(T, (3,)), lambda T: inputs(T, (3,))[0], lambda T: T.ones(3, dtype=T.float64), lambda T: None):
        assert_alike(*[answer(T, "gradgradcheck", lambda x: x**3, inputs(T, (3,)), {"grad_outputs": make(T)})
                       for T in LIBRARIES])


@pytest.mark.parametrize("options", [{"check_rev_over_rev": False}, {"check_fwd_over_rev": True, "check_rev_over_rev": False},
                                     {"check_rev_over_rev": False, "check_fwd_over_rev": True, "check_undefined_grad": False,
                                      "check_batched_grad": True}], ids=str)
def test_flags_of_second_derivatives_that_contradict_each_other(options):
    assert same(*CASES["power"], check="gradgradcheck", **options)[0] == "AssertionError"


def test_the_inputs_stay_as_they_were():
    for T in LIBRARIES:
        x, = vector(T)
        T.autograd.gradcheck(lambda x: x**2, x)
        with pytest.raises(ZeroDivisionError):
            T.autograd.gradcheck(lambda x: 1 / 0, x)
        assert x.tolist() == VALUES.reshape(-1)[:3].tolist() and x._version == 0 and x.grad is None


# ---- forward mode --------------------------------------------------------------------------------------------------------
def dual(T, forward, backward, jvp):
    """A custom operation of one input that goes forward with `jvp`."""
    return function(T, lambda ctx, x: forward(x), lambda ctx, g: backward(g), jvp=lambda ctx, t: jvp(t))


FORWARD = {
    "right": (lambda T: dual(T, lambda x: x * 2, lambda g: g * 2, lambda t: t * 2), vector),
    "wrong": (lambda T: dual(T, lambda x: x * 2, lambda g: g * 2, lambda t: t * 3), vector),
    "wrong for the second input": (lambda T: lambda x, y: (x * 2, x @ FORWARD["wrong"][0](T)(y)), two),
    "wrong backward": (lambda T: dual(T, lambda x: x * 2, lambda g: g * 3, lambda t: t * 2), vector),
    "wrong for complex inputs": (lambda T: dual(T, lambda x: x * 2, lambda g: g * 2, lambda t: t.conj() * 2), complex_vector),
    "beside a number": (lambda T: lambda n, x: n * x.exp(), lambda T: (2, *vector(T))),
    "without a jvp": (lambda T: times(T, 2, 2), vector),
}


@pytest.mark.parametrize("fast_mode", [False, True])
@pytest.mark.parametrize("name", [*FORWARD, *(name for name in RIGHT if name not in (
    "a constant beside", "integers after", "identity function"))])
def test_forward_mode(name, fast_mode):
    pytest.importorskip("pullback.autograd.forward_ad")
    for options in ({}, {"check_backward_ad": False}, {"check_undefined_grad": False, "check_grad_dtypes": True}):
        same(*(FORWARD | RIGHT)[name], fast_mode=fast_mode, check_forward_ad=True, **options)


@pytest.mark.parametrize("name", ["right", "power", "two inputs", "two outputs", "complex"])
def test_forward_mode_in_batches(name):
    pytest.importorskip("pullback.autograd.forward_ad")
    same(*(FORWARD | RIGHT)[name], check_forward_ad=True, check_batched_forward_grad=True)


@pytest.mark.parametrize("name", ["power", "two inputs", "complex", "detached"])
def test_forward_over_backward(name):
    pytest.importorskip("pullback.autograd.forward_ad")
    for options in ({}, {"check_rev_over_rev": False, "check_undefined_grad": False}):
        for T in LIBRARIES:
            T.manual_seed(0)
        same(*SECOND[name], check="gradgradcheck", check_fwd_over_rev=True, **options)
