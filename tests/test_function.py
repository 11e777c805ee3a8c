"""Custom operations: autograd.Function in its static form."""

import warnings

import pytest

import pullback as torch
from pullback.autograd import Function
from pullback.autograd.function import once_differentiable


class Square(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        ctx.recording = torch.is_grad_enabled()
        return x * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 2 * x


def made(forward, backward=lambda ctx, g: g):
    return type("MyFn", (Function,), {"forward": staticmethod(forward), "backward": staticmethod(backward)})


def ones(*shape):
    return torch.ones(*(shape or (3,)), requires_grad=True)


def test_forward_backward_and_names():
    x = ones()
    y = Square.apply(x)
    assert y.grad_fn.name() == "SquareBackward" and type(y.grad_fn) is Square._backward_cls
    assert y.grad_fn.recording is False
    y.sum().backward()
    assert x.grad.tolist() == [2, 2, 2]


def test_it_can_be_differentiated_twice():
    x = torch.tensor([3.0], requires_grad=True)
    (g,) = torch.autograd.grad(Square.apply(x), x, torch.ones(1), create_graph=True)
    (h,) = torch.autograd.grad(g, x, torch.ones(1))
    assert g.item() == 6 and h.item() == 2


def test_setup_context():
    class Scale(Function):
        @staticmethod
        def forward(x, factor):
            return x * factor

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.factor = inputs[1]

        @staticmethod
        def backward(ctx, g):
            return g * ctx.factor, None

    x = ones()
    Scale.apply(x, 5).sum().backward()
    assert x.grad.tolist() == [5, 5, 5]


def test_saved_tensors_are_freed_and_checked():
    y = Square.apply(ones())
    y.sum().backward()
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        y.sum().backward()
    x = ones() * 1
    y = Square.apply(x)
    with torch.no_grad():
        x.add_(1)
    with pytest.raises(RuntimeError, match=r"modified by an inplace operation: \[torch.FloatTensor \[3\]\]"):
        y.sum().backward()


def test_an_output_may_be_saved_without_a_cycle():
    import gc
    import weakref

    class Exp(Function):
        @staticmethod
        def forward(ctx, x):
            y = x.exp()
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx, g):
            return g * ctx.saved_tensors[0]

    x = torch.zeros(2, requires_grad=True)
    gc.disable()
    try:
        y = Exp.apply(x)
        (g,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        assert torch.autograd.grad(g.sum(), x)[0].tolist() == [1, 1]
        ref = weakref.ref(y)
        del y, g
        assert ref() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("forward, backward, error, text", [
    (lambda c, x: x * 2, lambda c, g: (g, g), RuntimeError,
     "MyFnBackward returned an incorrect number of gradients (expected 1, got 2)"),
    (lambda c, x: x * 2, lambda c, g: torch.ones(7), RuntimeError, "got [7] but expected shape compatible with [3]"),
    (lambda c, x: x * 2, lambda c, g: 3, RuntimeError, "expected Variable or None (got int)"),
    (lambda c, x: (c.save_for_backward(3), x * 1)[1], None, TypeError,
     "save_for_backward can only save variables, but argument 0 is of type int"),
    (lambda c, x: (c.mark_dirty(3), x * 1)[1], None, RuntimeError, "mark_dirty can only accept variables"),
    (lambda c, x: (c.mark_dirty(x), x.add_(1))[1], None, RuntimeError,
     "a leaf Variable that requires grad has been used in an in-place operation."),
])
def test_what_is_wrong_is_said(forward, backward, error, text):
    with pytest.raises(error) as caught:
        made(forward, backward or (lambda c, g: g)).apply(ones()).sum().backward()
    assert text in str(caught.value)


def test_counts_of_gradients():
    x, y = ones(), ones()
    with pytest.raises(RuntimeError, match=r"expected 2, got 1"):
        made(lambda c, x, y: x * y).apply(x, y).sum().backward()
    made(lambda c, x: x * 2, lambda c, g: (g, None)).apply(x).sum().backward()  # further None are let pass
    assert x.grad.tolist() == [1, 1, 1]
    with pytest.raises(RuntimeError, match="different than None at position 2"):
        made(lambda c, x, n: x * n, lambda c, g: (g, g)).apply(x, 2).sum().backward()


def test_gradients_are_fitted():
    x = ones()
    made(lambda c, x: x * 2, lambda c, g: torch.ones(2, 3, dtype=torch.float64)).apply(x).sum().backward()
    assert x.grad.tolist() == [2, 2, 2] and x.grad.dtype is torch.float32


def test_outputs_of_all_kinds():
    x = ones()
    y, number, nothing = made(lambda c, x: (x * 1, 3, None)).apply(x)
    assert y.requires_grad and (number, nothing) == (3, None)
    assert not made(lambda c, x: x.argmax()).apply(x).requires_grad
    same = made(lambda c, x: x).apply(x)
    assert same is not x and same.grad_fn.name() == "MyFnBackward"
    marked = made(lambda c, x: (c.mark_non_differentiable(y := x * 1), y)[1]).apply(x)
    assert not marked.requires_grad


def test_dirty_inputs_keep_their_identity():
    a = ones() * 1
    b = made(lambda c, x: (c.mark_dirty(x), x.add_(1))[1]).apply(a)
    assert b is a and a.grad_fn.name() == "MyFnBackward" and a._version == 2  # once by add_, once by being marked


def test_gradients_that_did_not_arrive():
    seen = []

    def backward(ctx, a, b):
        seen.append((a, b))
        return a

    first, _ = made(lambda c, x: (x * 1, x * 2), backward).apply(ones())
    first.sum().backward()
    first, _ = made(lambda c, x: (c.set_materialize_grads(False), (x * 1, x * 2))[1], backward).apply(ones())
    first.sum().backward()
    assert seen[0][1].tolist() == [0, 0, 0] and seen[1][1] is None


def test_once_differentiable():
    class Once(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**2

        @staticmethod
        @once_differentiable
        def backward(ctx, g):
            return g * 2 * ctx.saved_tensors[0]

    x, weight = ones(), ones()
    (g,) = torch.autograd.grad((Once.apply(x) * weight).sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="trying to differentiate twice a function that was marked with @once_differentiable"):
        g.sum().backward()


def test_instances_are_of_another_time():
    with pytest.warns(DeprecationWarning, match="should not be instantiated"):
        instance = Square()
    with pytest.raises(RuntimeError, match="Legacy autograd function with non-static forward method is deprecated"):
        instance(ones())
    with torch.legacy_era(), warnings.catch_warnings():
        warnings.simplefilter("error")

        class Double(Function):
            def forward(self, x):
                self.save_for_backward(x)
                return x * 2

            def backward(self, g):
                assert self.saved_tensors[0].tolist() == [1, 1, 1] and self.needs_input_grad == (True,)
                return g * 2

        x = ones()
        Double()(x).sum().backward()
        assert x.grad.tolist() == [2, 2, 2]


def test_what_is_missing_is_said():
    with pytest.raises(NotImplementedError, match="must implement the forward function"):
        type("Empty", (Function,), {}).apply(ones())
    with pytest.raises(NotImplementedError, match="must implement either the backward or vjp method"):
        type("Half", (Function,), {"forward": staticmethod(lambda ctx, x: x * 1)}).apply(ones()).sum().backward()
