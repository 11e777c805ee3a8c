"""The text of random tensors, compared with PyTorch's."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="compares with PyTorch, which is not installed")
ml_dtypes = pytest.importorskip("ml_dtypes", reason="needed for bfloat16 arrays")

from pullback.printing import printoptions, tensor_str  # noqa: E402

REAL = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
INTEGER = [torch.int8, torch.uint8, torch.int16, torch.int32, torch.int64, torch.uint16, torch.uint32, torch.uint64]
COMPLEX = [torch.complex64, torch.complex128]
NOTABLE = [1000.0, 1001, 1.0, 1e8, 1e8 + 1, 1e-4, 9.9999e-5, 0.5, 12345.678, 99999.99996]
SIZES = {
    0: [],
    1: [0, 1, 2, 6, 7, 20, 100, 1000, 1001, 1500],
    2: [1, 2, 3, 7, 30, 40],
    3: [1, 2, 7, 13],
    4: [0, 1, 3, 7],
}


def magnitudes(rng, shape):
    """Draws numbers of one of the kinds between which the notation changes."""
    normal = rng.standard_normal(shape)
    kinds = [
        lambda: normal,
        lambda: np.round(normal * 10 ** rng.uniform(0, 9)),
        lambda: normal * 10 ** rng.uniform(-9, 9),
        lambda: normal * 10 ** rng.uniform(-6, 6, shape),
        lambda: normal * 10 ** rng.uniform(-310, 300, shape),
        lambda: np.copysign(0.0, normal),
        lambda: np.round(normal * 5),
        lambda: rng.choice(NOTABLE, shape),
    ]
    numbers = np.asarray(kinds[rng.integers(len(kinds))]())
    if rng.random() < 0.3:
        special = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0])[rng.integers(5, size=shape)]
        numbers = np.where(rng.random(shape) < 0.4, special, numbers)
    return numbers


def draw_tensor(rng):
    ndim = int(rng.integers(5))
    shape = tuple(int(size) for size in rng.choice(SIZES[ndim], ndim)) if ndim else ()
    dtype = rng.choice(np.array([*REAL, *INTEGER, *COMPLEX, torch.bool], dtype=object))
    with np.errstate(all="ignore"):
        if dtype in COMPLEX:
            return torch.complex(*(torch.tensor(magnitudes(rng, shape)) for _ in range(2))).to(dtype)
        if dtype in REAL:
            return torch.tensor(magnitudes(rng, shape)).to(dtype)
    if dtype is torch.bool:
        return torch.tensor(rng.random(shape) < 0.5)
    info = torch.iinfo(dtype)
    low, high = (info.min, info.max) if rng.random() < 0.5 else (max(info.min, -99), 99)
    name = str(dtype).removeprefix("torch.")
    return torch.from_numpy(np.asarray(rng.integers(low, high, size=shape, dtype=name, endpoint=True)).copy())


def draw_options(rng):
    choices = {
        "precision": [0, 1, 3, 8],
        "threshold": [0, 1, 10, 100],
        "edgeitems": [0, 1, 2, 4],
        "linewidth": [10, 40, 79, 81, 120],
        "sci_mode": [True, False],
    }
    return {name: values[rng.integers(len(values))] for name, values in choices.items() if rng.random() < 0.25}


def draw_history(rng, tensor):
    """Gives some tensors a gradient history; returns the tensor and what PyTorch appends to its text."""
    kind = rng.integers(3)
    if kind == 0 or tensor.dtype not in REAL + COMPLEX:
        return tensor, []
    tensor.requires_grad_()
    if kind == 1:
        return tensor, ["requires_grad=True"]
    return tensor.clone(), ["grad_fn=<CloneBackward0>"]


def as_array(tensor):
    tensor = tensor.detach()
    if tensor.dtype is torch.bfloat16:
        return tensor.reshape(-1).view(torch.int16).numpy().view(ml_dtypes.bfloat16).reshape(tensor.shape)
    return tensor.numpy()


@pytest.mark.parametrize("chunk", range(20))
def test_random_tensors_print_the_same(chunk):
    for seed in range(chunk * 50, chunk * 50 + 50):
        rng = np.random.default_rng(seed)
        tensor, suffixes = draw_history(rng, draw_tensor(rng))
        options = draw_options(rng)
        with torch._tensor_str.printoptions(**options), printoptions(**options):
            assert tensor_str(as_array(tensor), suffixes=suffixes) == repr(tensor), (seed, options)


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float64"])
def test_other_default_dtypes(name):
    default = getattr(torch, name)
    before = torch.get_default_dtype()
    torch.set_default_dtype(default)
    try:
        for dtype in [*REAL, *COMPLEX]:
            for tensor in (torch.ones(3).to(dtype) / 3, torch.ones(0).to(dtype)):
                assert tensor_str(as_array(tensor), default_dtype=as_array(torch.ones(1)).dtype) == repr(tensor)
    finally:
        torch.set_default_dtype(before)
