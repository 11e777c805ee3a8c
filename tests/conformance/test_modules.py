"""Layers look and start as torch's do: the same text, the same names, from one seed the same numbers."""

import inspect

import numpy as np
import pytest

import pullback
from pullback.nn import functional as our_functional

torch = pytest.importorskip("torch", reason="torch is not installed, nothing to compare with")

LAYERS = [
    "Linear(3, 4)",
    "Linear(3, 4, bias=False)",
    "Bilinear(2, 3, 4)",
    "Identity(1, a=2)",
    "Flatten()",
    "Unflatten(1, (2, 3))",
    "Conv1d(4, 6, 3)",
    "Conv1d(4, 6, 3, padding='same', padding_mode='circular')",
    "Conv2d(4, 6, 3, stride=2, padding=1, groups=2, bias=False)",
    "Conv2d(4, 6, (3, 5), padding=(1, 2), dilation=(1, 2))",
    "Conv3d(2, 4, (1, 2, 3), bias=False)",
    "ConvTranspose1d(4, 6, 3, stride=2, output_padding=1)",
    "ConvTranspose2d(4, 6, 3, padding=1, groups=2, dilation=2)",
    "ConvTranspose3d(2, 2, 2)",
    "BatchNorm1d(3)",
    "BatchNorm2d(3, affine=False)",
    "BatchNorm2d(3, track_running_stats=False, momentum=None)",
    "BatchNorm3d(3, bias=False)",
    "InstanceNorm1d(4)",
    "InstanceNorm2d(4, affine=True, track_running_stats=True)",
    "InstanceNorm3d(2, affine=True, bias=False)",
    "LayerNorm(3)",
    "LayerNorm((2, 3), bias=False)",
    "LayerNorm(3, elementwise_affine=False)",
    "GroupNorm(2, 4)",
    "GroupNorm(2, 4, affine=False)",
    "RMSNorm(3)",
    "LocalResponseNorm(2)",
    "Embedding(5, 3)",
    "Embedding(5, 3, padding_idx=-1, max_norm=1.0, norm_type=1.0, scale_grad_by_freq=True)",
    "Dropout()",
    "Dropout1d(0.2)",
    "Dropout2d(inplace=True)",
    "AlphaDropout()",
    "ReLU()",
    "ReLU(inplace=True)",
    "ReLU6(True)",
    "LeakyReLU(0.2, True)",
    "Sigmoid()",
    "Tanh()",
    "GELU()",
    "GELU('tanh')",
    "SiLU(True)",
    "Softmax()",
    "Softmax(dim=1)",
    "LogSoftmax(1)",
    "Softmin(1)",
    "Softmax2d()",
    "Softplus(2.0)",
    "ELU(2.0, True)",
    "CELU()",
    "SELU()",
    "PReLU(3)",
    "Hardtanh(-2.0, 2.0)",
    "Hardswish()",
    "Hardsigmoid()",
    "Hardshrink()",
    "Softshrink(0.2)",
    "LogSigmoid()",
    "Mish()",
    "Softsign()",
    "Tanhshrink()",
    "Threshold(0.1, 20.0)",
    "GLU()",
    "MaxPool1d(2)",
    "MaxPool2d((2, 3), stride=1, padding=1, ceil_mode=True, return_indices=True)",
    "AvgPool1d(2)",
    "AvgPool2d(2, divisor_override=3)",
    "AdaptiveAvgPool1d(3)",
    "AdaptiveAvgPool2d((2, None))",
    "AdaptiveAvgPool3d(2)",
    "AdaptiveMaxPool1d(3)",
    "AdaptiveMaxPool2d((2, 3), return_indices=True)",
    "AdaptiveMaxPool3d(2)",
    "MaxPool3d(2)",
    "AvgPool3d(2)",
    "LPPool1d(2, 3)",
    "LPPool2d(1.5, (2, 3), ceil_mode=True)",
    "LPPool3d(2, 3)",
    "ConstantPad1d(1, 2.0)",
    "ZeroPad2d((1, 2, 3, 4))",
    "ReflectionPad2d(1)",
    "ReplicationPad1d(2)",
    "CircularPad2d(1)",
    "CosineSimilarity()",
    "PairwiseDistance()",
    "MSELoss()",
    "L1Loss(reduction='sum')",
    "SmoothL1Loss(beta=0.5)",
    "HuberLoss(delta=2.0)",
    "CrossEntropyLoss(label_smoothing=0.1)",
    "NLLLoss(ignore_index=3)",
    "BCELoss()",
    "BCEWithLogitsLoss()",
    "KLDivLoss(log_target=True)",
    "PoissonNLLLoss()",
    "SoftMarginLoss()",
    "HingeEmbeddingLoss()",
    "MarginRankingLoss(0.5)",
    "CosineEmbeddingLoss()",
    "TripletMarginLoss(swap=True)",
    "Sequential()",
    "ModuleList([nn.ReLU(), nn.ReLU(), nn.Linear(1, 2)])",
    "ModuleDict({'a': nn.ReLU()})",
    "ParameterList([lib.ones(2, 3), 5])",
    "ParameterDict({'b': lib.ones(2, 3), 'a': 5})",
]


def _make(lib, text):
    lib.manual_seed(7)
    return eval("nn." + text, {"nn": lib.nn, "lib": lib})


@pytest.mark.parametrize("text", LAYERS)
def test_layers(text):
    ours, theirs = _make(pullback, text), _make(torch, text)
    assert repr(ours) == repr(theirs)
    assert list(ours.__dict__) and set(theirs.__dict__) <= set(ours.__dict__), set(theirs.__dict__) - set(ours.__dict__)
    if hasattr(type(theirs), "__constants__"):
        assert type(ours).__constants__ == type(theirs).__constants__
    a, b = ours.state_dict(), theirs.state_dict()
    assert list(a) == list(b) and a._metadata == b._metadata
    for name, value in b.items():
        if hasattr(value, "dtype"):
            assert str(a[name].dtype) == str(value.dtype)
            np.testing.assert_array_equal(a[name].numpy(), value.numpy(), err_msg=name)


@pytest.mark.parametrize("text", LAYERS)
def test_signatures(text):
    name = text.partition("(")[0]
    ours, theirs = (inspect.signature(getattr(lib.nn, name)) for lib in (pullback, torch))
    assert [(p.name, p.kind, p.default) for p in ours.parameters.values()] == [
        (p.name, p.kind, p.default) for p in theirs.parameters.values()
    ]


IMAGE, SIGNAL, VOLUME, ROWS = (2, 4, 8, 9), (2, 4, 10), (1, 2, 5, 6, 7), (3, 6)
SHAPES = {
    "Conv1d": SIGNAL,
    "ConvTranspose1d": SIGNAL,
    "Conv3d": VOLUME,
    "ConvTranspose3d": VOLUME,
    "MaxPool3d": VOLUME,
    "AvgPool3d": VOLUME,
    "AdaptiveAvgPool3d": VOLUME,
    "AdaptiveMaxPool3d": VOLUME,
    "LPPool3d": VOLUME,
    "MaxPool1d": SIGNAL,
    "AvgPool1d": SIGNAL,
    "AdaptiveAvgPool1d": SIGNAL,
    "AdaptiveMaxPool1d": SIGNAL,
    "LPPool1d": SIGNAL,
    "ReplicationPad1d": SIGNAL,
    "InstanceNorm1d": SIGNAL,
    "InstanceNorm2d": IMAGE,
    "InstanceNorm3d": VOLUME,
    "Linear": (5, 3),
    "BatchNorm1d": (5, 3),
    "BatchNorm2d": (2, 3, 4, 5),
    "BatchNorm3d": (2, 3, 2, 2, 2),
    "LayerNorm": (4, 2, 3),
    "GroupNorm": (3, 4, 5),
    "RMSNorm": (4, 3),
    "LocalResponseNorm": IMAGE,
    "PReLU": (2, 3, 4),
    "Softmax2d": IMAGE,
    "Unflatten": (2, 6),
}
NOT_RUN = {"Bilinear", "Embedding", "Dropout", "Dropout1d", "Dropout2d", "AlphaDropout", "CosineSimilarity"}
NOT_RUN |= {"PairwiseDistance", "Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"}
RUN = [t for t in LAYERS if t.partition("(")[0] not in NOT_RUN and "Loss" not in t and t != "Softmax()"]


@pytest.mark.parametrize("text", RUN)
def test_results_and_gradients(text):
    name = text.partition("(")[0]
    images = any(word in name for word in ("Conv2d", "Transpose2d", "Pool2d", "Pad2d"))
    shape = SHAPES.get(name, IMAGE if images else ROWS)
    values = np.random.default_rng(0).standard_normal(shape)

    def run(lib):
        layer = _make(lib, text).double()
        x = lib.from_numpy(values.copy()).requires_grad_()
        y = layer(x * 1.0)
        y = y[0] if isinstance(y, tuple) else y
        weights = lib.from_numpy(np.random.default_rng(1).standard_normal(tuple(y.shape)))
        (y * weights).sum().backward()
        found = [y, x.grad, *[p.grad for p in layer.parameters()], *layer.buffers()]
        return [t.detach().numpy() for t in found]

    for a, b in zip(run(pullback), run(torch), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-9)


LOSSES = [t for t in LAYERS if "Loss" in t]


@pytest.mark.parametrize("text", LOSSES)
def test_losses(text):
    rng = np.random.default_rng(0)
    scores, labels = rng.standard_normal((5, 4)), rng.integers(0, 4, 5)
    signs = np.where(rng.random((5, 4)) < 0.5, -1.0, 1.0)
    targets = {
        "CrossEntropyLoss": (scores, labels),
        "NLLLoss": (scores, labels),
        "BCELoss": (rng.random((5, 4)), rng.random((5, 4))),
        "BCEWithLogitsLoss": (scores, rng.random((5, 4))),
        "SoftMarginLoss": (scores, signs),
        "HingeEmbeddingLoss": (scores, signs),
        "MarginRankingLoss": (scores, scores[::-1].copy(), signs),
        "CosineEmbeddingLoss": (scores, scores[::-1].copy(), signs[:, 0].copy()),
        "TripletMarginLoss": (scores, scores[::-1].copy(), scores[:, ::-1].copy()),
        "PoissonNLLLoss": (scores, np.abs(scores)),
    }
    arrays = targets.get(text.partition("(")[0], (scores, rng.standard_normal((5, 4))))

    def run(lib):
        x = lib.from_numpy(arrays[0].copy()).requires_grad_()
        loss = _make(lib, text)(x, *[lib.from_numpy(a.copy()) for a in arrays[1:]])
        loss.backward()
        return loss.detach().numpy(), x.grad.numpy()

    for a, b in zip(run(pullback), run(torch), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def _signature(function):
    try:
        return [(p.name, p.default) for p in inspect.signature(function).parameters.values()]
    except ValueError:  # a builtin of torch has none
        return None


@pytest.mark.parametrize("name", our_functional.__all__)
def test_functional_signatures(name):
    theirs = _signature(getattr(torch.nn.functional, name))
    if theirs is None or [n for n, _ in theirs] == ["args", "kwargs"]:
        pytest.skip("torch's has no signature")
    assert _signature(getattr(our_functional, name)) == theirs


@pytest.mark.parametrize("owner", ["nn.Module", "nn.Parameter", "optim.Optimizer", "nn.Sequential", "nn.ModuleList"])
def test_method_signatures(owner):
    group, name = owner.split(".")
    ours, theirs = getattr(getattr(pullback, group), name), getattr(getattr(torch, group), name)
    for method, value in vars(theirs).items():
        if inspect.isfunction(value) and hasattr(ours, method) and not method.startswith("_"):
            assert _signature(getattr(ours, method)) == _signature(value), method


INITIALS = [
    "uniform_(t, -1.0, 2.0)",
    "normal_(t, 1.0, 2.0)",
    "trunc_normal_(t)",
    "trunc_normal_(t, 0.0, 1.0, 1.5, 3.0)",
    "xavier_uniform_(t, 2.0)",
    "xavier_normal_(t)",
    "kaiming_uniform_(t, a=0.5)",
    "kaiming_normal_(t, mode='fan_out', nonlinearity='relu')",
    "sparse_(t, 0.3)",
    "eye_(t)",
    "orthogonal_(t, 2.0)",
]


@pytest.mark.parametrize("text", INITIALS)
def test_initial_values(text):
    def run(lib):
        lib.manual_seed(11)
        return eval("init." + text, {"init": lib.nn.init, "t": lib.empty(12, 7)}).numpy()

    np.testing.assert_allclose(run(pullback), run(torch), rtol=2e-6, atol=2e-6)
