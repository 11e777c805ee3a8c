"""Transforms composed at random: the values and gradients are those of torch."""

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from .libraries import LIBRARIES, array_of, outcome
from .transforms import Inputs, plus_one_in_place

FUNCTIONS = {
    "tanh": lambda t, x: t.tanh(x) * x, "matrix": lambda t, x: (t.outer(x, x) @ x.sin()), "softmax": lambda t, x: t.softmax(x, 0),
    "cumsum": lambda t, x: x.cumsum(0).exp() * 0.1, "where": lambda t, x: t.where(x > 0, x**3, x.cos()),
    "index": lambda t, x: x.flip(0) * x[[0, 0, 1]], "norm": lambda t, x: x / (1 + x.norm()), "max": lambda t, x: x * x.max(),
    "written": lambda t, x: plus_one_in_place(x), "cat": lambda t, x: t.cat([x[1:], x[:1] ** 2]),
    "prod": lambda t, x: x.prod() + x,
}


def transformed(i, f, step):
    """A function of a vector like `f`, made from it by a transform."""
    t, func = i.t, i.f
    return {
        "grad": lambda x: func.grad(lambda y: f(y).sum())(x),
        "vjp": lambda x: func.vjp(f, x)[1](x.cos())[0],
        "jvp": lambda x: func.jvp(f, (x,), (x.sin(),))[1],
        "jacrev": lambda x: func.jacrev(f)(x).sum(0),
        "jacfwd": lambda x: func.jacfwd(f)(x) @ x,
        "vmap": lambda x: func.vmap(f)(t.stack([x, x * 2])).sum(0),
        "vmap, in part": lambda x: func.vmap(
            lambda y, z: f(y * z), in_dims=(None, 1), out_dims=1)(x, t.stack([x, x * 2], 1)).sum(1),
        "captured": lambda x: func.grad(lambda y: (f(x) * y * y).sum())(x),
        "detached": lambda x: f(x) * f(x).detach(),
    }[step]


STEPS = ("grad", "vjp", "jvp", "jacrev", "jacfwd", "vmap", "vmap, in part", "captured", "detached")


def derivatives(library, name, steps, recorded):
    """What the composition gives at a point, and the gradient of that."""
    i = Inputs(library)

    def call(x):
        return FUNCTIONS[name](library, x)

    for step in steps:
        call = transformed(i, call, step)
    x = library.tensor([0.3, -0.7, 1.1], dtype=library.float64, requires_grad=recorded)
    out = call(x)
    gradient = library.autograd.grad(out.sum(), x, allow_unused=True)[0] if out.requires_grad else None
    return out, library.zeros_like(x) if gradient is None else gradient


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.sampled_from(sorted(FUNCTIONS)), st.lists(st.sampled_from(STEPS), min_size=1, max_size=3), st.booleans())
def test_compositions(name, steps, recorded):
    ours, theirs = [outcome(derivatives, library, name, steps, recorded) for library in LIBRARIES]
    assume(theirs[0] == "value")  # torch refuses a few that write in place
    assert ours[0] == "value", ours
    for mine, other in zip(ours[1], theirs[1], strict=True):
        np.testing.assert_allclose(array_of(mine), array_of(other), rtol=1e-7, atol=1e-9)
