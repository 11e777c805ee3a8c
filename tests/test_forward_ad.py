"""Forward mode by hand: tangents, levels, and what they leave behind."""

import threading

import numpy as np
import pytest

import pullback as torch
from pullback.autograd import Function, forward_ad
from pullback.func import jvp, vmap

X, T = [0.5, 1.5, 2.5], [1.0, -1.0, 0.5]


def tensor(values):
    return torch.tensor(values, dtype=torch.float64)


FUNCTIONS = {
    "elementwise": lambda x: x.exp() * x.sin() / (1 + x * x), "matrices": lambda x: torch.outer(x, x) @ x,
    "reductions": lambda x: x.prod() + x.norm() + x.logsumexp(0), "views": lambda x: x.view(3, 1).expand(3, 2).t()[1],
    "softmax": lambda x: x.softmax(0), "cumulative": lambda x: x.cumsum(0) + x.cumprod(0),
    "choice": lambda x: torch.where(x > 1, x**3, x),
    "sorting": lambda x: x.flip(0).sort()[0] * x, "joining": lambda x: torch.cat([x, x * x])[1:5],
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_tangents_are_directional_derivatives(name):
    f, x, t = FUNCTIONS[name], tensor(X), tensor(T)
    with forward_ad.dual_level():
        primal, tangent = forward_ad.unpack_dual(f(forward_ad.make_dual(x, t)))
    step = 1e-6
    np.testing.assert_allclose(primal.numpy(), f(x).numpy())
    np.testing.assert_allclose(tangent.numpy(), (f(x + step * t) - f(x - step * t)).numpy() / (2 * step), rtol=1e-6, atol=1e-8)


def test_tangents_end_with_their_level():
    with forward_ad.dual_level():
        y = forward_ad.make_dual(tensor(X), tensor(T)) * 2
        assert forward_ad.unpack_dual(y).tangent.tolist() == [2.0, -2.0, 1.0]
    assert forward_ad.unpack_dual(y).tangent is None
    with forward_ad.dual_level():
        assert forward_ad.unpack_dual(y * 2).tangent is None
    assert not y._tangents


def test_writes_carry_tangents_to_base_and_views():
    with forward_ad.dual_level():
        base = torch.zeros(4, dtype=torch.float64)
        view, other = base[:3], base[1:3]
        view.copy_(forward_ad.make_dual(tensor(X), tensor(T)))
        other.mul_(2)
        tangents = [forward_ad.unpack_dual(value).tangent.tolist() for value in (base, view, other)]
    assert tangents == [[1.0, -2.0, 1.0, 0.0], [1.0, -2.0, 1.0], [-2.0, 1.0]]


def test_forward_over_reverse():
    w = tensor(X).requires_grad_()
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(w, tensor(T))
        (gradient,) = torch.autograd.grad((dual**3).sum(), w, create_graph=True)
        product = forward_ad.unpack_dual(gradient).tangent
    np.testing.assert_allclose(product.detach().numpy(), 6 * np.array(X) * np.array(T))


def test_reverse_over_forward():
    w = tensor(X).requires_grad_()
    with forward_ad.dual_level():
        tangent = forward_ad.unpack_dual(forward_ad.make_dual(w, tensor(T)) ** 3).tangent
    (gradient,) = torch.autograd.grad(tangent.sum(), w)
    np.testing.assert_allclose(gradient.numpy(), 6 * np.array(X) * np.array(T))


def test_given_tangents_are_not_written_to():
    t = tensor(T)
    with forward_ad.dual_level():
        forward_ad.make_dual(tensor(X), t).mul_(2)
    assert t.tolist() == T


def test_levels_belong_to_their_thread():
    found = []
    with forward_ad.dual_level():
        thread = threading.Thread(target=lambda: found.append(forward_ad._current_level))
        thread.start()
        thread.join()
        assert forward_ad._current_level == 0
    assert found == [-1] and forward_ad._current_level == -1


def test_the_level_is_closed_after_an_error():
    with pytest.raises(ZeroDivisionError), forward_ad.dual_level():
        raise ZeroDivisionError
    assert forward_ad._current_level == -1


# ---- custom functions -----------------------------------------------------------------------------------------------------
class Scaled(Function):
    """x y, with all the rules there are."""

    @staticmethod
    def forward(x, y):
        return x * y

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx, g):
        x, y = ctx.saved_tensors
        return g * y, g * x

    @staticmethod
    def jvp(ctx, x_t, y_t):
        x, y = ctx.saved_tensors
        return x_t * y + x * y_t

    @staticmethod
    def vmap(info, in_dims, x, y):
        calls.append((info, in_dims))
        x, y = (value if dim is None else value.movedim(dim, 0) for value, dim in zip((x, y), in_dims, strict=True))
        return Scaled.apply(x, y), 0


calls = []


def test_custom_rules_nest():
    x, one = tensor(X), torch.ones(3, dtype=torch.float64)
    second = jvp(lambda v: jvp(lambda u: Scaled.apply(u, u * u), (v,), (one,))[1], (x,), (one,))[1]
    np.testing.assert_allclose(second.numpy(), 6 * np.array(X))  # the saved tensors have the outer level's tangents


def test_a_rule_that_writes_does_not_write_to_the_given_tangent():
    class Double(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            return x.mul_(2)

        @staticmethod
        def jvp(ctx, x_t):
            return x_t.mul_(2)

    t = tensor(T)
    with forward_ad.dual_level():
        y = Double.apply(forward_ad.make_dual(tensor(X), t))
        assert forward_ad.unpack_dual(y).tangent.tolist() == [2.0, -2.0, 1.0]
    assert t.tolist() == T


def test_a_rule_for_vmap_sees_the_batch():
    calls.clear()
    out = vmap(Scaled.apply, in_dims=(1, None), randomness="same")(torch.ones(3, 2), torch.full((3,), 2.0))
    assert out.tolist() == [[2.0] * 3] * 2
    assert calls == [((2, "same"), (0, None))]
