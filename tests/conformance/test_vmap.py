"""What vmap refuses, and what it gives for the operations that other tests check against a loop, in both libraries."""

import warnings

import numpy as np
import pytest

from .libraries import LIBRARIES

X = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
REFUSED = {
    "nonzero": lambda T, x: T.nonzero(x),
    "masked_select": lambda T, x: T.masked_select(x, x > 0),
    "mask": lambda T, x: x[x > 0],
    "write to a mask": lambda T, x: x.clone().__setitem__(x > 0, 1.0),
    "index_put": lambda T, x: x.clone().index_put((x > 0,), T.ones(())),
    "unique": lambda T, x: T.unique(x),
    "unique along a dimension": lambda T, x: T.unique(x, dim=0),
    "unique_consecutive": lambda T, x: T.unique_consecutive(x),
    "repeat_interleave": lambda T, x: T.repeat_interleave(x, T.arange(4) * (x > 0)),
    "one_hot": lambda T, x: T.nn.functional.one_hot((x > 0).long()),
    "allclose": lambda T, x: T.allclose(x, x),
    "equal": lambda T, x: T.equal(x, x),
    "item": lambda T, x: x[0].item(),
    "float": lambda T, x: float(x[0]),
    "bool": lambda T, x: x if x[0] > 0 else -x,
    "numpy": lambda T, x: x.numpy(),
    "tolist": lambda T, x: x.tolist(),
}
GIVEN = {
    "mask of all": lambda T, x: x[T.tensor([True, False, True, True])],
    "masked_select of all": lambda T, x: x.masked_select(T.tensor([True, False, True, True])),
    "masked_fill": lambda T, x: x.masked_fill(x > 0, 1.0),
    "count_nonzero": lambda T, x: T.count_nonzero(x > 0),
    "one_hot": lambda T, x: T.nn.functional.one_hot((x > 0).long(), 2),
    "bincount": lambda T, x: T.bincount(T.arange(4) + 0 * x.long()),
    "index": lambda T, x: x[x.argsort()],
    "number as index": lambda T, x: x[x.argmax()],
    "topk": lambda T, x: x.topk(2)[0],
    "as_strided": lambda T, x: x.as_strided((2, 2), (1, 1)),
    "write": lambda T, x: x.clone().index_fill_(0, T.tensor([1]), 2.0),
}


def _outcome(T, call):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return T.vmap(lambda x: call(T, x))(T.from_numpy(X.copy())).tolist()
        except Exception as error:
            return isinstance(error, RuntimeError), str(error)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    ours, theirs = [_outcome(T, REFUSED[name]) for T in LIBRARIES]
    assert isinstance(theirs, tuple) and ours == theirs


@pytest.mark.parametrize("name", GIVEN)
def test_given(name):
    ours, theirs = [_outcome(T, GIVEN[name]) for T in LIBRARIES]
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)
