"""torch.autograd.functional in both libraries: values, nesting, dtypes, flags, errors."""

import itertools
from functools import partial

import numpy as np
import pytest

from .libraries import LIBRARIES, array_of, is_tensor, outcome

PRODUCTS = ("vjp", "jvp", "vhp", "hvp")
MATRICES = ("jacobian", "hessian")
VALUES = np.random.default_rng(0).standard_normal((3, 2))


def tensors(T, dtype, count, requires_grad=False):
    """`count` tensors of different shapes: [3], [2, 2], []."""
    made = (T.tensor(VALUES[:, 0]), T.tensor(VALUES[:2]), T.tensor(VALUES[2, 1]))
    return tuple([(value * (1 + 0.5j) if dtype == "complex128" else value).to(getattr(T, dtype)).requires_grad_(requires_grad)
                  for value in made[:count]])


FUNCTIONS = {  # name: (number of inputs, function of the library and the inputs)
    "square": (1, lambda T, x: x**2),
    "sum of cubes": (1, lambda T, x: (x**3).sum()),
    "sum": (1, lambda T, x: x.sum()),
    "linear": (1, lambda T, x: x * 3),
    "one-element row": (1, lambda T, x: (x**3).sum().reshape(1, 1)),
    "product": (2, lambda T, x, y: (x[:, None, None] * y).exp()),
    "scalar of two": (2, lambda T, x, y: (x.sum() * y**2).sum()),
    "separate sums": (2, lambda T, x, y: (x**3).sum() + (y**3).sum()),
    "first only": (2, lambda T, x, y: (x**3).sum()),
    "tuple": (2, lambda T, x, y: (x * 2, (y * x.sum()).sum())),
    "tuple of one": (1, lambda T, x: ((x**2).sum(),)),
    "crossed": (3, lambda T, x, y, z: (x * z, y.t() * z, z**2)),
    "apart": (2, lambda T, x, y: (x**2, y**2)),
    "constant": (1, lambda T, x: T.ones(2, dtype=x.dtype)),
    "part constant": (1, lambda T, x: (x**2, T.ones(2, dtype=x.dtype))),
    "detached": (1, lambda T, x: x.detach().sum()),
    "identity": (1, lambda T, x: x),
    "in place": (1, lambda T, x: x.clone().mul_(x).sum()),
    "other precision": (1, lambda T, x: x.to(T.float32 if not x.is_complex() else T.complex64).sum()),
    "conjugate": (1, lambda T, x: (x.conj() * x).real.sum()),
    "nothing": (1, lambda T, x: x[:0]),
    "number": (1, lambda T, x: 3.0),
    "list": (1, lambda T, x: [x]),
    "tuple with a number": (1, lambda T, x: (x, 3.0)),
    "zero input": (1, lambda T, x: x * 0 + 1),
}


def seen(value):
    """What can be seen of a result: nesting, dtype, shape, flag, numbers."""
    if isinstance(value, (tuple, list)):
        return type(value).__name__, [seen(item) for item in value]
    if not is_tensor(value):
        return value
    return str(value.dtype), tuple(value.shape), value.requires_grad, np.round(array_of(value), 5).tolist()


def same(call, known=lambda seen: seen):
    """Raise AssertionError unless `call(library)` comes out alike in both, after `known` differences were taken away."""
    ours, theirs = [seen(outcome(call, T)) for T in LIBRARIES]
    assert ours == known(theirs)


def vectors(T, function, name, dtype, count):
    """A fitting `v`: of the outputs for vjp, else of the inputs."""
    inputs = tensors(T, dtype, count)
    like = FUNCTIONS[name][1](T, *inputs) if function == "vjp" else inputs if count > 1 else inputs[0]
    if isinstance(like, tuple):
        return tuple([T.ones_like(t) * 0.5 if is_tensor(t) else t for t in like])
    return T.ones_like(like) * 0.5 if is_tensor(like) else None


def called(T, function, name, *args, dtype="float64", requires_grad=False, **options):
    """`functional.function` of the function called `name`."""
    count, func = FUNCTIONS[name]
    inputs = tensors(T, dtype, count, requires_grad)
    return getattr(T.autograd.functional, function)(lambda *xs: func(T, *xs), inputs if count > 1 else inputs[0], *args,
                                                    **options)


def all_alike(name, dtype="float64", **options):
    """Raise AssertionError unless all six come out alike."""
    for function in PRODUCTS:
        same(partial(with_vector, function=function, name=name, dtype=dtype, **options))
    for function in MATRICES:
        same(partial(called, function=function, name=name, dtype=dtype, **options))


def with_vector(T, function, name, dtype, **options):
    return called(T, function, name, vectors(T, function, name, dtype, FUNCTIONS[name][0]), dtype=dtype, **options)


@pytest.mark.parametrize("strict,create_graph,requires_grad", [*itertools.product([False, True], [False, True], [False]),
                                                               (False, True, True), (True, True, True)])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_matrices_and_products(name, strict, create_graph, requires_grad):
    all_alike(name, strict=strict, create_graph=create_graph, requires_grad=requires_grad)


@pytest.mark.parametrize("function", PRODUCTS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_without_a_vector(name, function):
    same(lambda T: called(T, function, name))


@pytest.mark.parametrize("name", ["square", "product", "crossed", "conjugate", "sum of cubes", "apart", "linear"])
@pytest.mark.parametrize("dtype", ["complex128", "float32"])
def test_other_dtypes(name, dtype):
    all_alike(name, dtype)


@pytest.mark.parametrize("function", MATRICES)
@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "nothing"])
def test_vectorized(name, create_graph, function):
    same(lambda T: called(T, function, name, vectorize=True, create_graph=create_graph, requires_grad=True))


def test_results_of_create_graph_can_be_differentiated():
    def derivatives(T):
        x, functional = tensors(T, "float64", 1, True)[0], T.autograd.functional
        func, v = (lambda x: (x**4).sum()), T.ones_like(x)
        found = [functional.jacobian(func, x, create_graph=True), functional.hessian(func, x, create_graph=True),
                 functional.vjp(func, x, create_graph=True)[1], functional.jvp(func, x, v, create_graph=True)[1],
                 functional.vhp(func, x, v, create_graph=True)[1], functional.hvp(func, x, v, create_graph=True)[1]]
        return [T.autograd.grad(tensor.sum(), x) for tensor in found]

    same(derivatives)


WRONG_VECTORS = {
    "size": lambda T: T.ones(5), "number": lambda T: 3, "list": lambda T: [T.ones(3)], "two": lambda T: (T.ones(3), T.ones(2)),
    "tuple of one": lambda T: (T.ones(3),), "tuple with a number": lambda T: (T.ones(3), 2), "empty": lambda T: (),
}


@pytest.mark.parametrize("function", PRODUCTS)
@pytest.mark.parametrize("name", ["square", "sum", "apart", "scalar of two", "tuple of one"])
@pytest.mark.parametrize("wrong", WRONG_VECTORS)
def test_wrong_vectors(function, name, wrong):
    same(lambda T: called(T, function, name, WRONG_VECTORS[wrong](T)))


@pytest.mark.parametrize("function", [*PRODUCTS, *MATRICES])
@pytest.mark.parametrize("inputs", [3, [1], (), (1, 2), None, "x"], ids=str)
def test_wrong_inputs(function, inputs):
    same(lambda T: getattr(T.autograd.functional, function)(lambda *xs: xs[0], inputs))
    same(lambda T: getattr(T.autograd.functional, function)(lambda *xs: xs[0], (T.ones(1), inputs)))


OPTIONS = [
    {"strategy": "x"}, {"strategy": "forward-mode"}, {"strategy": "forward-mode", "strict": True},
    {"strategy": "forward-mode", "create_graph": True}, {"strategy": "forward-mode", "strict": True, "create_graph": True},
    {"strict": True, "vectorize": True},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_options_that_do_not_go_together(options):
    same(lambda T: called(T, "jacobian", "square", **options))
    options = {"outer_jacobian_" * (key == "strategy") + key: value for key, value in options.items()}
    same(lambda T: called(T, "hessian", "sum of cubes", **options))


def test_modes_and_flags_of_the_inputs():
    def script(T):
        x = tensors(T, "float64", 1, True)[0]
        functional, seen = T.autograd.functional, []

        def square(x):
            seen.append((x.requires_grad, x.is_leaf, T.is_grad_enabled()))
            return (x**3).sum()

        for options in ({}, {"create_graph": True}):
            with T.no_grad():
                seen += [functional.jacobian(square, x, **options), functional.hessian(square, x, **options),
                         functional.vjp(square, x, **options), functional.jvp(square, x, T.ones(3), **options),
                         functional.vhp(square, x, T.ones(3), **options)]
        return seen, x.requires_grad, x.grad

    same(script)


def tuples(seen):
    """What was seen with tuples for lists, see differences.md."""
    if not isinstance(seen, (tuple, list)):
        return seen
    return type(seen)("tuple" if item == "list" else tuples(item) for item in seen)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in ("nothing", "conjugate")])
def test_forward_mode(name):
    pytest.importorskip("pullback.autograd.forward_ad")
    same(lambda T: called(T, "jacobian", name, vectorize=True, strategy="forward-mode"), tuples)
    if name != "in place":  # a constant, of which PyTorch says that it requires a gradient
        same(lambda T: called(T, "hessian", name, vectorize=True, outer_jacobian_strategy="forward-mode"), tuples)
