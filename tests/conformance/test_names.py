"""What the public names are: each is one of PyTorch's, in the same place, and takes its arguments in the same order."""

import inspect

import numpy as np
import pytest

import pullback
from pullback.ops import FUNCTIONS, catalog, plain

from .libraries import LIBRARIES, close, is_tensor, outcome, parts, torch

PLAIN = [name for name, call in vars(plain).items() if inspect.isfunction(call) and call.__module__ == plain.__name__
         and not name.startswith("_")]
PLACES = {"torch": torch, "nn": torch.nn.functional, "linalg": torch.linalg, "tensor": torch.Tensor}


@pytest.mark.parametrize("namespace", PLACES)
def test_every_function_is_one_of_torch_in_that_place(namespace):
    names = [name for name, function in FUNCTIONS.items() if function.namespace == namespace]
    assert names
    unknown = [name for name in names if not hasattr(PLACES[namespace], name.removeprefix("linalg_"))]
    assert not unknown


def test_every_method_is_one_of_torch():
    methods = {method for function in FUNCTIONS.values() for method in function.methods()}
    assert not sorted(method for method in methods if not hasattr(torch.Tensor, method))


@pytest.mark.parametrize("module", ["linalg", "special", "nn.functional"])
def test_every_name_of_a_module_is_one_of_torch(module):
    ours, theirs = [__import__(f"{library.__name__}.{module}", fromlist=["x"]) for library in LIBRARIES]
    assert not sorted(name for name in ours.__all__ if not hasattr(theirs, name))
    assert all(callable(getattr(ours, name)) for name in ours.__all__)


def test_the_names_of_functional_are_not_those_of_torch():
    """What only torch.nn.functional has is not in torch; what torch has with other arguments is in `plain`."""
    elsewhere = {name for name, function in FUNCTIONS.items() if function.namespace != "torch"} - pullback._METHODS
    reachable = {name for name in elsewhere if hasattr(pullback, name)}
    assert reachable == {name for name in PLAIN if not name.endswith("_")}
    assert not elsewhere & set(catalog.TORCH)


def test_in_place_functions():
    """Which in-place methods `torch` has as functions, too."""
    theirs = {name for name in dir(torch) if name.endswith("_") and not name.startswith("_")}
    assert theirs >= pullback._METHODS
    assert {name for name in theirs if hasattr(pullback.Tensor, name)} == pullback._METHODS
    with pytest.raises(TypeError, match=r"exp_\(\): argument 'input' \(position 1\) must be Tensor, not float"):
        pullback.exp_(1.0)


def test_every_listed_name_is_there():
    assert not [name for name in dir(pullback) if not hasattr(pullback, name)]


@pytest.mark.parametrize("name", PLAIN)
def test_parameters_of_layers(name):
    """Names, order and what has a default are as in the schema of torch's function."""
    parameters = inspect.signature(getattr(pullback, name)).parameters.values()
    ours = [(p.name, p.default is not p.empty, p.kind is p.KEYWORD_ONLY) for p in parameters]
    schemas = torch._C._jit_get_schemas_for_operator(f"aten::{name}")
    wanted = [[({"self": "input"}.get(a.name, a.name), a.has_default_value(), a.kwarg_only) for a in schema.arguments]
              for schema in schemas if not any(a.is_out for a in schema.arguments)]
    assert ours in wanted


X, W = np.random.default_rng(0).normal(size=(2, 3, 6)), np.random.default_rng(1).uniform(0.1, 0.9, (3,))
P = np.random.default_rng(2).uniform(0.1, 0.9, (2, 3, 6))
LAYERS = {
    "dropout": [lambda T, t: T.dropout(t(X), 0.4, True), lambda T, t: T.dropout(t(X), 0.4, False),
                lambda T, t: T.dropout(t(X), 1.5, True)],
    "alpha_dropout": [lambda T, t: T.alpha_dropout(t(X), 0.4, True)],
    "feature_alpha_dropout": [lambda T, t: T.feature_alpha_dropout(t(X), 0.4, True)],
    "dropout_": [lambda T, t: T.dropout_(t(X) * 1, 0.4, True), lambda T, t: T.dropout_(t(X), 0.4, True)],
    "alpha_dropout_": [lambda T, t: T.alpha_dropout_(t(X) * 1, 0.4, True)],
    "feature_alpha_dropout_": [lambda T, t: T.feature_alpha_dropout_(t(X) * 1, 0.4, True)],
    "celu_": [lambda T, t: T.celu_(t(X) * 1, 2.0)],
    "selu_": [lambda T, t: T.selu_(t(X) * 1)],
    "threshold_": [lambda T, t: T.threshold_(t(X) * 1, 0.1, 2.0)],
    "celu": [lambda T, t: T.celu(t(X)), lambda T, t: T.celu(t(X), alpha=2.0)],
    "selu": [lambda T, t: T.selu(t(X))],
    "threshold": [lambda T, t: T.threshold(t(X), 0.1, 2.0)],
    "batch_norm": [lambda T, t: T.batch_norm(t(X), t(W), t(-W), t(W), t(W), False, 0.1, 1e-3, False),
                   lambda T, t: T.batch_norm(t(X), t(W), None, None, None, True, 0.1, 1e-3, False)],
    "instance_norm": [lambda T, t: T.instance_norm(t(X), t(W), t(-W), t(W), t(W), True, 0.1, 1e-3, False),
                      lambda T, t: T.instance_norm(t(X), None, None, t(W), t(W), False, 0.1, 1e-3, False)],
    "layer_norm": [lambda T, t: T.layer_norm(t(X), (6,), None, None, 1e-3, False)],
    "group_norm": [lambda T, t: T.group_norm(t(X), 3, t(W), t(-W), 1e-3, False)],
    "embedding": [lambda T, t: T.embedding(t(X[0]), T.tensor([2, 0, 2])),
                  lambda T, t: T.embedding(t(X[0]), T.tensor([2, 0, 2]), 2, True),
                  lambda T, t: T.embedding(weight=t(X[0]), indices=T.tensor([2, 0, 2]), padding_idx=-1)],
    "kl_div": [lambda T, t, r=r: T.kl_div(t(X), t(P), r) for r in (0, 1, 2)] + [
        lambda T, t: T.kl_div(t(X), t(P), log_target=True)],
    "binary_cross_entropy_with_logits": [
        lambda T, t: T.binary_cross_entropy_with_logits(t(X), t(P), t(P), t(P)),
        lambda T, t: T.binary_cross_entropy_with_logits(t(X), t(P), None, None, 0)],
    "max_pool1d": [lambda T, t: T.max_pool1d(t(X), 2), lambda T, t: T.max_pool1d(t(X), 3, 2, 1, 1, True)],
    "max_pool2d": [lambda T, t: T.max_pool2d(t(X), 2), lambda T, t: T.max_pool2d(t(X), 3, 2, 1, 1, True)],
    "max_pool3d": [lambda T, t: T.max_pool3d(t(X[None]), (1, 2, 2))],
    "max_pool1d_with_indices": [lambda T, t: T.max_pool1d_with_indices(t(X), 3, 2, 1)],
    "adaptive_max_pool1d": [lambda T, t: T.adaptive_max_pool1d(t(X), 2)],
}


@pytest.mark.parametrize(("name", "number"), [(name, n) for name in PLAIN for n in range(len(LAYERS[name]))])
def test_layers_of_torch(name, number):
    """Values and gradients."""
    found = []
    for library in LIBRARIES:
        leaves = []

        def leaf(array, library=library, leaves=leaves):
            tensor = library.from_numpy(array.copy())
            leaves.append(tensor.requires_grad_() if array is X else tensor)
            return leaves[-1]

        library.manual_seed(0)
        how = outcome(LAYERS[name][number], library, leaf)
        if how[0] == "value":
            result = [part for part in parts(how[1]) if is_tensor(part)]
            if result[0].requires_grad:
                (result[0] * result[0]).sum().backward()
            how = [*result, *[leaf.grad for leaf in leaves if leaf.grad is not None]]
        found.append(how)
    if isinstance(found[1], tuple):
        assert found[0] == found[1]
        return
    assert len(found[0]) == len(found[1])
    for ours, theirs in zip(*found, strict=True):
        close(ours, theirs, name, 1e-7, 1e-9)
