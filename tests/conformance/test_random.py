"""Random numbers and generator states, compared with those of PyTorch's CPU generator, seed for seed."""

import warnings

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="compares with PyTorch, which is not installed")
ml_dtypes = pytest.importorskip("ml_dtypes", reason="gives NumPy a bfloat16")

from pullback import streams  # noqa: E402
from pullback.generator import Generator  # noqa: E402

REAL = ["float16", "bfloat16", "float32", "float64"]
COMPLEX = ["complex64", "complex128"]
WHOLE = ["bool", "uint8", "int8", "int16", "int32", "int64"]
SIZES = [0, 1, 2, 3, 15, 16, 17, 31, 32, 33, 312, 623, 624, 625, 3001]
SEEDS = [0, 1, 42, -1, 2**32 + 5, 2**63 + 11]


def has_avx2():
    return torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512")


def is_intel():
    try:
        with open("/proc/cpuinfo") as file:
            return "GenuineIntel" in file.read()
    except OSError:
        return True


needs_avx2 = pytest.mark.skipif(not has_avx2(), reason="PyTorch rounds normals and bounds otherwise without AVX2")
not_on_intel = pytest.mark.skipif(is_intel(), reason="PyTorch draws these from the MKL library on Intel's processors")


def as_array(tensor):
    if tensor.dtype is torch.bfloat16:
        return tensor.view(torch.int16).numpy().view(ml_dtypes.bfloat16)
    return tensor.numpy()


class Twins:
    """Two generators with one seed; after every comparison their states must agree, too."""

    def __init__(self, seed):
        self.theirs = torch.Generator().manual_seed(seed)
        self.ours = Generator().manual_seed(seed)

    def check(self, tensor, array):
        expected = as_array(tensor)
        assert array.dtype == expected.dtype
        np.testing.assert_array_equal(array, expected)
        np.testing.assert_array_equal(self.ours.get_state(), self.theirs.get_state().numpy())

    def fill(self, method, dtype, draw, *arguments):
        """Compares a filling method of tensors with one of our distributions, for sizes around every threshold."""
        for size in SIZES:
            tensor = getattr(torch.empty(size, dtype=getattr(torch, dtype)), method)(*arguments, generator=self.theirs)
            self.check(tensor, draw(self.ours, (size,), np.dtype(dtype), *arguments))


@pytest.fixture(params=SEEDS)
def twins(request):
    return Twins(request.param)


@needs_avx2
@pytest.mark.parametrize("dtype", REAL + COMPLEX)
def test_uniform(twins, dtype):
    twins.fill("uniform_", dtype, streams.uniform)
    twins.fill("uniform_", dtype, streams.uniform, -0.3, 1.6)


@needs_avx2
@pytest.mark.parametrize("dtype", REAL + COMPLEX)
def test_normal(twins, dtype):
    twins.fill("normal_", dtype, streams.normal)
    twins.fill("normal_", dtype, streams.normal, 0.3, 1.7)


@needs_avx2
@pytest.mark.parametrize("dtype", REAL)
def test_normal_not_contiguous(twins, dtype):
    for size in SIZES[1:]:
        tensor = torch.empty(2 * size, dtype=getattr(torch, dtype))[::2].normal_(0.3, 1.7, generator=twins.theirs)
        array = streams.normal(twins.ours, (size,), np.dtype(dtype), 0.3, 1.7, contiguous=False)
        twins.check(tensor.contiguous(), array)


@pytest.mark.parametrize("dtype", REAL + WHOLE)
def test_whole_numbers(twins, dtype):
    low, high = (0, 2) if dtype == "bool" else (3, 100)
    twins.fill("random_", dtype, streams.random)
    twins.fill("random_", dtype, streams.randint, low, high)
    twins.fill("random_", dtype, streams.randint, low, None)


@pytest.mark.parametrize("high", [1, 2**28 - 2, 2**28 - 1, 2**28, 2**32, 2**62, None])
@pytest.mark.parametrize("low", [-(2**63), -(2**31), -1, 0])
def test_long_ranges(low, high):
    twins = Twins(7)
    twins.fill("random_", "int64", streams.randint, low, high)


@pytest.mark.parametrize("dtype", REAL)
def test_ranges_beyond_the_precision(dtype):
    twins = Twins(7)
    digits = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}[dtype]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for low, high in ((-(2**digits) - 1, 2**digits + 1), (0, 2 ** (digits + 1)), (-3 * 2**digits, 3)):
            twins.fill("random_", dtype, streams.randint, low, high)


def test_randperm(twins):
    for dtype in ("int64", "int32", "uint8", "float32", "float16"):
        for size in (0, 1, 2, 3, 17, 100, 255):
            tensor = torch.randperm(size, generator=twins.theirs, dtype=getattr(torch, dtype))
            twins.check(tensor, streams.randperm(twins.ours, size, np.dtype(dtype)))
    twins.check(torch.randperm(70000, generator=twins.theirs), streams.randperm(twins.ours, 70000))


@not_on_intel
@pytest.mark.parametrize("dtype", REAL + WHOLE)
def test_bernoulli(twins, dtype):
    twins.fill("bernoulli_", dtype, streams.bernoulli, 0.3)


@pytest.mark.parametrize("dtype", REAL)
def test_bernoulli_each(twins, dtype):
    for size in SIZES:
        p = torch.linspace(0, 1, size, dtype=torch.float64).to(getattr(torch, dtype))
        array = streams.bernoulli(twins.ours, (size,), np.dtype(dtype), as_array(p))
        twins.check(torch.bernoulli(p, generator=twins.theirs), array)


@not_on_intel
@pytest.mark.parametrize("dtype", REAL)
def test_exponential(twins, dtype):
    twins.fill("exponential_", dtype, streams.exponential)
    twins.fill("exponential_", dtype, streams.exponential, 0.7)


@needs_avx2
@pytest.mark.parametrize("dtype", REAL)
def test_geometric_cauchy_and_log_normal(twins, dtype):
    twins.fill("geometric_", dtype, streams.geometric, 0.3)
    twins.fill("cauchy_", dtype, streams.cauchy, 0.3, 1.7)
    twins.fill("log_normal_", dtype, streams.log_normal, 0.3, 1.7)


@pytest.mark.parametrize("dtype", REAL)
@pytest.mark.parametrize("shape", [(1,), (7,), (3, 5), (2, 400)])
def test_multinomial_with_replacement(twins, dtype, shape):
    weights = torch.rand(shape, generator=torch.Generator().manual_seed(1)).to(getattr(torch, dtype)) + 0.01
    array = streams.multinomial(twins.ours, as_array(weights), 20, True)
    twins.check(torch.multinomial(weights, 20, True, generator=twins.theirs), array)


@not_on_intel
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(1,), (7,), (3, 5), (2, 400)])
def test_multinomial_without_replacement(twins, dtype, shape):
    weights = torch.rand(shape, generator=torch.Generator().manual_seed(1), dtype=getattr(torch, dtype)) + 0.01
    for count in (1, shape[-1]):
        array = streams.multinomial(twins.ours, as_array(weights), count)
        twins.check(torch.multinomial(weights, count, generator=twins.theirs), array)


@pytest.mark.parametrize("drawn", [0, 1, 623, 624, 625])
def test_states_go_both_ways(twins, drawn):
    torch.rand(drawn, generator=twins.theirs)
    torch.randn(3, generator=twins.theirs)
    twins.ours.set_state(twins.theirs.get_state().numpy())
    assert twins.ours.initial_seed() == twins.theirs.initial_seed()
    twins.check(torch.randn(4, generator=twins.theirs), streams.normal(twins.ours, (4,), np.float32))
    streams.uniform(twins.ours, (drawn,), np.float64)
    twins.theirs.set_state(torch.from_numpy(twins.ours.get_state()))
    twins.check(torch.rand(5, generator=twins.theirs), streams.uniform(twins.ours, (5,), np.float32))
