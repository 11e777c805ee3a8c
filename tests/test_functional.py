"""torch.autograd.functional: derivatives that are known, and what strict mode and options refuse."""

import pytest

import pullback as torch
from pullback.autograd import functional

X = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
V = torch.tensor([1.0, 0.0, -1.0], dtype=torch.float64)
PRODUCTS = [functional.vjp, functional.jvp, functional.vhp, functional.hvp]


def cubes(x):
    return (x**3).sum()


def test_jacobian():
    assert functional.jacobian(lambda x: x[:0], X, vectorize=True).shape == (0, 3)
    assert functional.jacobian(lambda x: x**2, X).tolist() == [[2, 0, 0], [0, 4, 0], [0, 0, 6]]
    assert functional.jacobian(cubes, X).tolist() == [3, 12, 27]


@pytest.mark.parametrize("vectorize", [False, True])
def test_jacobian_of_tuples(vectorize):
    def both(x, y):
        return x * y, y.sum()

    (xx, xy), (yx, yy) = functional.jacobian(both, (X, X[:1]), vectorize=vectorize)
    assert xx.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]] and xy.tolist() == [[1], [2], [3]]
    assert yx.tolist() == [0, 0, 0] and yy.tolist() == [1]


@pytest.mark.parametrize("vectorize", [False, True])
def test_hessian(vectorize):
    assert functional.hessian(cubes, X, vectorize=vectorize).tolist() == [[6, 0, 0], [0, 12, 0], [0, 0, 18]]
    (xx, xy), (yx, yy) = functional.hessian(lambda x, y: (x * y).sum(), (X[:2], X[:1]), vectorize=vectorize)
    assert xx.tolist() == [[0, 0], [0, 0]] and xy.tolist() == [[1], [1]] and yx.tolist() == [[1, 1]] and yy.tolist() == [[0]]


def test_products():
    value, product = functional.vjp(lambda x: x**2, X, V)
    assert value.tolist() == [1, 4, 9] and product.tolist() == [2, 0, -6]
    value, product = functional.jvp(lambda x: (x**2)[:2], X, V)
    assert value.tolist() == [1, 4] and product.tolist() == [2, 0]
    for function in (functional.vhp, functional.hvp):
        value, product = function(cubes, X, V)
        assert value.item() == 36 and product.tolist() == [6, 0, -18]


def test_products_of_matrices_that_are_not_symmetric():
    matrix = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    v = torch.tensor([1.0, 10.0])
    assert functional.vjp(lambda x: matrix @ x, v, v)[1].tolist() == (v @ matrix).tolist()
    assert functional.jvp(lambda x: matrix @ x, v, v)[1].tolist() == (matrix @ v).tolist()


def test_a_single_element_needs_no_vector():
    x = torch.tensor(3.0)
    assert [function(lambda x: x**3, x)[1].item() for function in PRODUCTS] == [27, 27, 18, 18]


def test_results_have_a_history_only_with_create_graph():
    x = X.clone().requires_grad_()
    assert not functional.jacobian(cubes, x).requires_grad and not functional.vjp(cubes, x)[0].requires_grad
    jacobian = functional.jacobian(cubes, x, create_graph=True)
    assert torch.autograd.grad(jacobian.sum(), x)[0].tolist() == [6, 12, 18]
    hessian = functional.hessian(cubes, x, create_graph=True)
    assert torch.autograd.grad(hessian.sum(), x)[0].tolist() == [6, 6, 6]
    assert x.grad is None


def test_gradients_are_computed_under_no_grad_too():
    with torch.no_grad():
        assert functional.jacobian(cubes, X).tolist() == [3, 12, 27]
        assert functional.hessian(cubes, X)[0, 0] == 6


STRICT = [  # function, of what, v, what strict mode says
    (functional.jacobian, lambda x, y: x * 1, (), "Output 0 of the user-provided function is independent of input 1"),
    (functional.jacobian, lambda x, y: X * 1, (), "Output 0 of the user-provided function does not require gradients"),
    (functional.vjp, lambda x, y: x.sum(), (), "The output of the user-provided function is independent of input 1"),
    (functional.jvp, lambda x, y: x + 1, ((V, V),), "The output of the user-provided function is independent of input 1"),
    (functional.vhp, lambda x, y: x.sum() + y.sum(), ((V, V),), "the jacobian of .* with respect to input 0 is independent"),
    (functional.vhp, lambda x, y: cubes(x) + y.sum(), ((V, V),), "the jacobian of .* with respect to input 1 is independent"),
    (functional.hvp, lambda x, y: cubes(x), ((V, V),), "The output of the user-provided function is independent of input 1"),
    (functional.hessian, lambda x, y: cubes(x) + cubes(y), (), "Output 0 of .* function is independent of input 1"),
]


@pytest.mark.parametrize("function,func,v,text", STRICT)
def test_strict_mode_refuses_what_does_not_depend_on_the_inputs(function, func, v, text):
    with pytest.raises(RuntimeError, match=text):
        function(func, (X, X), *v, strict=True)
    function(func, (X, X), *v)


@pytest.mark.parametrize("function", PRODUCTS)
def test_vectors_that_do_not_fit(function):
    func = cubes if function in (functional.vhp, functional.hvp) else lambda x: x * 2
    with pytest.raises(RuntimeError, match=r"v has invalid size: should be torch.Size\(\[3\]\) but got torch.Size\(\[2\]\)"):
        function(func, X, V[:2])
    with pytest.raises(RuntimeError, match="The given v should contain a single Tensor"):
        function(func, X, (V, V))
    with pytest.raises(RuntimeError, match="The vector v can only be None"):
        function(func, X)
    with pytest.raises(TypeError, match="The v given to .* must be either a Tensor or a tuple of Tensors"):
        function(func, X, [V])


def test_options_that_do_not_go_together():
    for error, options in ((AssertionError, {"strategy": "sideways"}), (RuntimeError, {"strict": True, "vectorize": True}),
                           (NotImplementedError, {"strategy": "forward-mode"}),
                           (NotImplementedError, {"strategy": "forward-mode", "create_graph": True}),
                           (RuntimeError, {"strategy": "forward-mode", "strict": True})):
        with pytest.raises(error):
            functional.jacobian(cubes, X, **options)


def test_a_hessian_is_of_one_element():
    for func, text in ((lambda x: x, "should contain a single element"), (lambda x: (x.sum(),), "should return a single Tensor")):
        with pytest.raises(RuntimeError, match=text):
            functional.hessian(func, X)
