"""Random numbers under vmap: the same seed, the same numbers, the same refusals in both libraries."""

import pytest

from .transforms import agree


def dropout(t):
    return t.nn.functional.dropout


RANDOM = {
    "rand": lambda t, x: t.rand(3), "randn": lambda t, x: t.randn(3), "randint": lambda t, x: t.randint(0, 10, (3,)),
    "randperm": lambda t, x: t.randperm(4), "rand_like": lambda t, x: t.rand_like(x), "randn_like": lambda t, x: t.randn_like(x),
    "normal": lambda t, x: t.normal(0.0, 1.0, (3,)), "normal by means": lambda t, x: t.normal(x, 1.0),
    "normal by deviations": lambda t, x: t.normal(t.zeros(3), x), "bernoulli": lambda t, x: t.bernoulli(x),
    "bernoulli of what is captured": lambda t, x: t.bernoulli(t.full((3,), 0.5)),
    "bernoulli by number": lambda t, x: x.bernoulli(0.5),
    "multinomial": lambda t, x: t.multinomial(x, 2), "multinomial of what is captured": lambda t, x: t.multinomial(t.ones(3), 2),
    "dropout": lambda t, x: dropout(t)(x), "dropout, not training": lambda t, x: dropout(t)(x, training=False),
    "dropout of nothing": lambda t, x: dropout(t)(x, 0.0), "dropout in place": lambda t, x: dropout(t)(x.clone(), inplace=True),
    "alpha_dropout": lambda t, x: t.nn.functional.alpha_dropout(x, training=True),
    "dropout2d": lambda t, x: t.nn.functional.dropout2d(x[:, None, None]),
    "uniform_": lambda t, x: x.clone().uniform_(), "normal_": lambda t, x: x.clone().normal_(),
    "exponential_": lambda t, x: x.clone().exponential_(), "bernoulli_": lambda t, x: x.clone().bernoulli_(0.5),
    "bernoulli_ by tensor": lambda t, x: x.clone().bernoulli_(x), "random_": lambda t, x: x.clone().random_(10),
    "uniform_ of what is captured": lambda t, x: t.empty(3).uniform_(), "geometric_": lambda t, x: x.clone().geometric_(0.5),
    "twice": lambda t, x: t.rand(2) + t.rand(2), "init": lambda t, x: t.nn.init.normal_(t.empty(3)),
}


@pytest.mark.parametrize("randomness", ("error", "same", "different"))
@pytest.mark.parametrize("name", RANDOM)
def test_randomness(name, randomness):
    def program(i):
        i.t.manual_seed(0)
        return i.f.vmap(lambda x: RANDOM[name](i.t, x), randomness=randomness)(i.t.full((2, 3), 0.5)), i.t.rand(1)

    agree(program)


@pytest.mark.parametrize("inner", ("error", "same", "different"))
@pytest.mark.parametrize("outer", ("error", "same", "different"))
@pytest.mark.parametrize("name", ("rand", "rand_like", "dropout"))
def test_nested_randomness(name, outer, inner):
    def program(i):
        i.t.manual_seed(0)
        per_row = i.f.vmap(lambda x: RANDOM[name](i.t, x), randomness=inner)
        return i.f.vmap(per_row, randomness=outer)(i.t.full((2, 3), 0.5)), i.t.rand(1)

    agree(program)


@pytest.mark.parametrize("randomness", ("same", "different"))
def test_chunks_draw_as_asked(randomness):
    def program(i):
        i.t.manual_seed(0)
        return i.f.vmap(lambda x: i.t.rand(2), randomness=randomness, chunk_size=1)(i.m)

    agree(program)
