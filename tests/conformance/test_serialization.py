"""Files go over to torch and back."""

import io

import numpy as np
import pytest

import pullback
from pullback import nn

torch = pytest.importorskip("torch", reason="torch is not installed, nothing to compare with")

DTYPES = [
    *("float16", "float32", "float64", "complex64", "complex128", "bool"),
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
]


def _over(obj, source, target, **options):
    file = io.BytesIO()
    source.save(obj, file)
    file.seek(0)
    return target.load(file, **options)


def _sample(lib):
    base = lib.arange(12.0).reshape(3, 4)
    return {
        "base": base,
        "row": base[1],
        "t": base.t(),
        "leaf": lib.ones(2, requires_grad=True),
        "parameter": lib.nn.Parameter(lib.ones(3)),
        "dtypes": [lib.tensor([0, 1, 2]).to(getattr(lib, name)) for name in DTYPES],
        "plain": [1, 2.5, "text", None, {"a": (1, 2)}],
        "size": base.shape,
        "dtype": lib.float64,
        "state": lib.nn.BatchNorm1d(3).state_dict(),
    }


@pytest.mark.parametrize(("source", "target"), [(pullback, torch), (torch, pullback)])
def test_over_and_back(source, target):
    back = _over(_sample(source), source, target)
    expected = _sample(target)
    assert back.keys() == expected.keys()
    for name in ("base", "row", "t"):
        assert back[name].tolist() == expected[name].tolist()
        assert back[name].stride() == expected[name].stride()
    back["base"][1, 2] = -1
    assert back["row"][2].item() == -1 and back["t"][2, 1].item() == -1
    assert back["leaf"].requires_grad and type(back["parameter"]) is target.nn.Parameter
    for a, b in zip(back["dtypes"], expected["dtypes"], strict=True):
        assert a.dtype == b.dtype and a.tolist() == b.tolist()
    assert back["plain"] == expected["plain"]
    assert back["size"] == expected["size"] and type(back["size"]) is type(expected["size"])
    assert back["dtype"] is target.float64
    assert list(back["state"]) == list(expected["state"])
    assert back["state"]._metadata == expected["state"]._metadata


@pytest.mark.parametrize(("source", "target"), [(pullback, torch), (torch, pullback)])
def test_checkpoints(source, target):
    def build(lib):
        model = lib.nn.Sequential(lib.nn.Linear(3, 4), lib.nn.Tanh(), lib.nn.Linear(4, 2))
        return model, lib.optim.Adam(model.parameters(), lr=0.1)

    def steps(lib, model, optimizer, first, count):
        for i in range(first, first + count):
            for j, p in enumerate(model.parameters()):
                rng = np.random.default_rng([i, j])
                p.grad = lib.from_numpy(rng.standard_normal(tuple(p.shape)).astype(np.float32))
            optimizer.step()

    model, optimizer = build(source)
    steps(source, model, optimizer, 0, 3)
    checkpoint = _over({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, source, target)
    other, other_optimizer = build(target)
    other.load_state_dict(checkpoint["model"])
    other_optimizer.load_state_dict(checkpoint["optimizer"])
    steps(source, model, optimizer, 3, 3)
    steps(target, other, other_optimizer, 3, 3)
    for a, b in zip(model.parameters(), other.parameters(), strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("source", "target"), [(pullback, torch), (torch, pullback)])
def test_whole_models(source, target):
    model = source.nn.Sequential(source.nn.Linear(3, 4), source.nn.ReLU(), source.nn.LayerNorm(4))
    back = _over(model, source, target, weights_only=False)
    assert type(back) is target.nn.Sequential and repr(back) == repr(model)
    assert back[0].weight.tolist() == model[0].weight.tolist()


def test_same_refusals():
    file = io.BytesIO()
    nn_file = io.BytesIO()
    torch.save(torch.nn.ReLU(), file)
    pullback.save(nn.ReLU(), nn_file)
    for lib in (torch, pullback):
        for source in (file, nn_file):
            source.seek(0)
            with pytest.raises(Exception, match="Weights only load failed") as caught:
                lib.load(source)
            assert type(caught.value).__name__ == "UnpicklingError"
