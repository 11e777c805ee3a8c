"""torch.func: derivatives as functions, composed; what is recorded, and what is left behind."""

import subprocess
import sys
import threading
import weakref

import numpy as np
import pytest

import pullback as torch
from pullback.func import (
    functional_call,
    grad,
    grad_and_value,
    hessian,
    jacfwd,
    jacrev,
    jvp,
    linearize,
    replace_all_batch_norm_modules_,
    stack_module_state,
    vjp,
    vmap,
)

X = [1.0, 2.0, 3.0]


def vector(**options):
    return torch.tensor(X, dtype=torch.float64, **options)


def cube(x):
    return (x**3).sum()


def test_gradients_to_any_order():
    x = torch.tensor(2.0)
    f = torch.sin
    for expected in (np.cos(2.0), -np.sin(2.0), -np.cos(2.0), np.sin(2.0)):
        f = grad(f)
        assert f(x).item() == pytest.approx(expected, rel=1e-5)


ONE = torch.tensor(1.0)


@pytest.mark.parametrize("inner", (lambda f: grad(f)(ONE), lambda f: jvp(f, (ONE,), (ONE,))[1]))
def test_the_derivative_of_a_derivative_does_not_see_the_inner_variable(inner):
    """d/dx (x d/dy (x + y)) is 1: Siskind & Pearlmutter, "Nesting forward-mode AD in a functional framework", 2008."""
    def f(x):
        return x * inner(lambda y: x + y)

    assert grad(f)(ONE).item() == jvp(f, (ONE,), (ONE,))[1].item() == 1.0


@pytest.mark.parametrize("outer", (jacfwd, jacrev))
@pytest.mark.parametrize("inner", (jacfwd, jacrev))
def test_hessians_by_all_modes_agree(outer, inner):
    x = vector()
    found = outer(inner(lambda x: (x.prod() * x.sin()).sum()))(x)
    expected = hessian(lambda x: (x.prod() * x.sin()).sum())(x)
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-12)


def test_nothing_is_recorded_that_nobody_asked_for():
    x = vector()
    gradient, value = grad_and_value(cube)(x)
    assert not gradient.requires_grad and not value.requires_grad and value.grad_fn is None
    out, pull = vjp(torch.exp, x)
    assert not out.requires_grad and not pull(x)[0].requires_grad


def test_results_have_a_history_where_it_leads_out():
    w = vector(requires_grad=True)
    gradient = grad(lambda x: (x * w**2).sum())(vector())
    (second,) = torch.autograd.grad(gradient.sum(), w)
    np.testing.assert_allclose(second.numpy(), 2 * np.array(X))
    assert not grad(lambda x: (x * x).sum() + w.sum())(vector()).requires_grad


def test_captured_and_differentiated_at_once():
    w = vector(requires_grad=True)
    gradient = grad(lambda x: (x * w).sum())(w)  # x is w, and is not
    (second,) = torch.autograd.grad(gradient.sum(), w)
    assert second.tolist() == [1.0, 1.0, 1.0]


def test_intermediate_values_are_let_go():
    seen = []

    def f(x):
        y = x * 2
        seen.append(weakref.ref(y))
        return (y * y).sum()

    grad(f)(vector())
    assert seen[0]() is None


def test_what_is_returned_beside_the_output_can_be_differentiated():
    w = vector(requires_grad=True)

    def f(x):
        y = x.exp()
        return (y * y).sum(), y * w

    _, aux = grad(f, has_aux=True)(vector())
    aux.sum().backward()  # through what the gradient went through, too
    np.testing.assert_allclose(w.grad.numpy(), np.exp(X))


def test_inputs_that_escape_are_ordinary_tensors_afterwards():
    kept = []
    grad(lambda x: (kept.append(x), cube(x))[1])(vector())
    assert not kept[0].requires_grad and not (kept[0] * 2).requires_grad
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: (kept.append(x), 1 / 0))(vector())
    assert not kept[1].requires_grad
    assert torch.is_grad_enabled()


def test_vjp_can_be_called_again_and_again():
    out, pull = vjp(lambda x, y: {"product": x * y}, vector(), vector())
    for factor in (1.0, 2.0):
        a, b = pull({"product": torch.full((3,), factor, dtype=torch.float64)})
        assert a.tolist() == b.tolist() == [factor * v for v in X]


def test_linearize_runs_the_function_once():
    calls = []

    def f(x):
        calls.append(1)
        return x.sin() * x.sum()

    out, push = linearize(f, vector())
    for direction in (vector(), torch.ones(3, dtype=torch.float64)):
        expected = jvp(lambda x: x.sin() * x.sum(), (vector(),), (direction,))[1]
        np.testing.assert_allclose(push(direction).numpy(), expected.numpy(), rtol=1e-12)
    assert len(calls) == 1


def test_threads_do_not_see_each_other():
    results, barrier = {}, threading.Barrier(4)

    def run(k):
        def f(x):
            barrier.wait()
            return (x**k).sum()

        results[k] = vmap(grad(f))(torch.ones(2, 3) * k)

    threads = [threading.Thread(target=run, args=(k,)) for k in (2, 3, 4, 5)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    for k, found in results.items():
        np.testing.assert_allclose(found.numpy(), np.full((2, 3), k * float(k) ** (k - 1)), rtol=1e-6)


def test_the_import_does_not_load_it():
    script = ("import sys, pullback; assert 'pullback.func' not in sys.modules; pullback.vmap; "
              "assert 'pullback.func' in sys.modules")
    subprocess.run([sys.executable, "-c", script], check=True)


# ---- modules --------------------------------------------------------------------------------------------------------------
def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(8, 3))


def test_functional_call_restores_the_module():
    model = network()
    before = dict(model.named_parameters())
    with pytest.raises(RuntimeError):
        functional_call(model, {"3.weight": torch.ones(1, 7)}, torch.ones(1, 1, 4, 4))
    assert all(value is before[name] for name, value in model.named_parameters())


def test_per_sample_gradients_are_those_of_each_sample():
    model, images, labels = network(), torch.randn(4, 1, 4, 4), torch.tensor([0, 2, 1, 0])
    values = {name: value.detach() for name, value in model.named_parameters()}

    def loss(values, image, label):
        return torch.nn.functional.cross_entropy(functional_call(model, values, image[None]), label[None])

    found = vmap(grad(loss), in_dims=(None, 0, 0))(values, images, labels)
    for i in range(4):
        model.zero_grad()
        torch.nn.functional.cross_entropy(model(images[i][None]), labels[i][None]).backward()
        for name, parameter in model.named_parameters():
            np.testing.assert_allclose(found[name][i].numpy(), parameter.grad.numpy(), atol=1e-6)


def test_an_ensemble_computes_what_its_members_do():
    models = [network() for _ in range(3)]
    values, buffers = stack_module_state(models)
    x = torch.randn(2, 1, 4, 4)
    found = vmap(lambda v, b: functional_call(models[0], (v, b), x))(values, buffers)
    for model, out in zip(models, found, strict=True):
        np.testing.assert_allclose(out.detach().numpy(), model(x).detach().numpy(), atol=1e-6)
    found.sum().backward()
    assert all(value.grad.shape == value.shape for value in values.values())


def test_batch_norm_without_running_statistics():
    model = replace_all_batch_norm_modules_(torch.nn.Sequential(torch.nn.BatchNorm1d(3), torch.nn.InstanceNorm1d(3)))
    assert model[0].running_mean is None and not model[0].track_running_stats
    assert vmap(model[0])(torch.randn(2, 5, 3)).shape == (2, 5, 3)
