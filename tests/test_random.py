"""Random numbers. The expected ones, and the checksums, were recorded from PyTorch 2.13."""

import copy
import pickle
import zlib
from contextlib import suppress

import ml_dtypes
import numpy as np
import pytest

from pullback import random as rng
from pullback import streams
from pullback.generator import Generator

f16, f32, f64, c64, bf16 = np.float16, np.float32, np.float64, np.complex64, ml_dtypes.bfloat16


def seeded(seed=0):
    return Generator().manual_seed(seed)


def checksum(array):
    return zlib.crc32(np.ascontiguousarray(array).tobytes())


@pytest.mark.parametrize(
    ("seed", "unsigned", "numbers"),
    [
        (0, 0, [0.49625658988952637, 0.7682217955589294]),
        (1, 1, [0.7576315999031067, 0.2793108820915222]),
        (-1, 2**64 - 1, [0.9937993884086609, 0.5713063478469849]),
        (2**63, 2**63, [0.49625658988952637, 0.7682217955589294]),
        (2**64 - 1, 2**64 - 1, [0.9937993884086609, 0.5713063478469849]),
        (2**32 + 5, 2**32 + 5, [0.8302518725395203, 0.12611091136932373]),
        (np.int64(1), 1, [0.7576315999031067, 0.2793108820915222]),
    ],
)
def test_seed(seed, unsigned, numbers):
    generator = seeded(seed)
    assert generator.initial_seed() == unsigned
    assert streams.uniform(generator, (2,), f32).tolist() == numbers


@pytest.mark.parametrize("seed", [-(2**63) - 1, 2**64])
def test_seed_out_of_range(seed):
    with pytest.raises(ValueError, match="^Overflow when unpacking long long$"):
        seeded(seed)


@pytest.mark.parametrize(("seed", "name"), [(1.0, "float"), ("1", "str"), (None, "NoneType"), (True, "bool")])
def test_seed_of_another_type(seed, name):
    with pytest.raises(RuntimeError, match=f"^manual_seed expected a long, but got {name}$"):
        seeded(seed)


# distribution, arguments after the generator, expected numbers
NUMBERS = [
    (streams.uniform, ((3,), f32), [0.49625659, 0.768221796, 0.0884774327]),
    (streams.uniform, ((3,), f64), [0.9700530018065531, 0.707819864399788, 0.45938294312745087]),
    (streams.uniform, ((3,), f16), [0.496337891, 0.768066406, 0.0885009766]),
    (streams.uniform, ((3,), f32, -0.3, 1.6), [0.642887533, 1.15962148, -0.131892875]),
    (
        streams.uniform,
        ((2,), c64),
        [0.49625658988952637 + 0.7682217955589294j, 0.08847743272781372 + 0.13203048706054688j],
    ),
    (streams.normal, ((5,), f32), [1.54099607, -0.293428898, -2.17878938, 0.568431258, -1.08452237]),
    (streams.normal, ((3,), f64), [1.5409961082440433, -0.2934289057609464, -2.1787893820745574]),
    (
        streams.normal,
        ((2,), c64),
        [1.0896488428115845 - 0.20748557150363922j, -1.5406367778778076 + 0.40194159746170044j],
    ),
    (streams.random, ((3,), np.int64), [900450186894289455, 3969543146641149120, 1895649597198586619]),
    (streams.random, ((3,), np.int32), [209652396, 398764591, 924231285]),
    (streams.random, ((3,), np.uint8), [172, 47, 117]),
    (streams.random, ((6,), np.bool_), [False, True, True, False, True, True]),
    (streams.random, ((3,), f32), [8325664.0, 12888472.0, 1484222.0]),
    (streams.randint, ((8,), np.int64, -5, 5), [-1, 4, -2, -5, -2, 4, 2, -2]),
    (streams.randint, ((3,), np.int64, 0, 2**28 - 1), [209652404, 130329144, 118924928]),
    (streams.randint, ((3,), np.int64, 0, 2**28), [130329135, 136432832, 195187451]),
    (
        streams.randint,
        ((3,), np.int64, -(2**63), 2**63 - 1),
        [900450186894289455, 3969543146641149120, 1895649597198586619],
    ),
    (
        streams.randint,
        ((3,), np.int64, -(2**63), None),
        [-8322921849960486353, -5253828890213626688, -7327722439656189189],
    ),
    (streams.randint, ((3,), f32, 3, None), [8326087.0, 12888928.0, 1484774.0]),
    (streams.randperm, (10,), [4, 1, 7, 5, 3, 9, 0, 8, 6, 2]),
    (streams.bernoulli, ((10,), f32, 0.3), [0, 0, 0, 0, 0, 0, 1, 0, 0, 1]),
    (streams.bernoulli, ((10,), f32, np.full(10, 0.3, f32)), [0, 0, 1, 1, 0, 0, 0, 0, 0, 0]),
    (streams.bernoulli, ((10,), f64, np.full((), 0.3)), [0, 0, 0, 0, 0, 0, 1, 0, 0, 1]),
    (streams.exponential, ((3,), f32, 2), [1.75416315, 0.615192354, 0.307522058]),
    (streams.geometric, ((6,), f32, 0.3), [1, 1, 3, 1, 2, 1]),
    (streams.cauchy, ((3,), f32, 1, 2), [22.1954594, 2.52953458, 0.743401289]),
    (streams.log_normal, ((3,), f32, 0, 1), [4.66923904, 0.745702207, 0.113178462]),
    (streams.multinomial, (np.array([1, 2, 3, 4], f32), 3), [2, 1, 3]),
    (streams.multinomial, (np.array([[1, 2], [3, 4]], f32), 1), [[1], [0]]),
    (streams.multinomial, (np.array([1, 2, 3, 4], f32), 8, True), [3, 3, 2, 3, 3, 3, 1, 2]),
]


@pytest.mark.parametrize(
    ("draw", "arguments", "expected"), NUMBERS, ids=[f"{case[0].__name__}-{i}" for i, case in enumerate(NUMBERS)]
)
def test_first_numbers_of_seed_0(draw, arguments, expected):
    array = draw(seeded(), *arguments)
    np.testing.assert_array_equal(array, np.array(expected, array.dtype))


def test_the_last_block_of_normals_is_drawn_anew():
    expected = [-1.12583983, -1.6959312, 0.566650629, 0.793508351, 0.598839462, -1.55509508, -0.34136039, 1.85300612]
    expected += [0.468096405, -0.585497558, -0.173396751, 0.183477938, 1.38936615, 1.58633423, 0.946298361]
    expected += [-0.843676746, 0.931826591]
    np.testing.assert_array_equal(streams.normal(seeded(), (17,), f32), np.array(expected, f32))
    double = streams.normal(seeded(), (17,), f64)
    np.testing.assert_allclose(double[-3:], [-0.4484158047114511, -0.8910030351707375, 0.6748575435940039], rtol=1e-15)
    assert streams.normal(seeded(), (17,), f16)[-3:].tolist() == [1.5859375, 0.9462890625, -0.84375]


@pytest.mark.parametrize(
    ("draw", "arguments", "expected"),
    [
        (streams.uniform, ((10000,), f32), 3591247593),
        (streams.normal, ((10007,), f32), 1575179120),
        (streams.normal, ((10007,), f16), 1738535504),
        (streams.normal, ((10007,), f32, -1, 3), 4000020782),
        (streams.randperm, (5000,), 500127289),
        (streams.randint, ((10000,), np.int64, 0, 1000), 379074521),
    ],
)
def test_many_numbers_of_seed_3(draw, arguments, expected):
    assert checksum(draw(seeded(3), *arguments)) == expected


def test_states_are_those_of_pytorch():
    generator = seeded(5)
    checksums = []
    for draw, count in ((streams.uniform, 0), (streams.uniform, 1), (streams.uniform, 623), (streams.normal, 3)):
        draw(generator, (count,), f32)
        checksums.append(checksum(generator.get_state()))
    assert checksums == [3801231057, 4210562324, 1222304675, 4267662445]


@pytest.mark.parametrize("drawn", [0, 1, 623, 624, 625])
@pytest.mark.parametrize("again", [Generator.clone_state, copy.deepcopy, lambda g: pickle.loads(pickle.dumps(g))])
def test_a_copy_continues_alike(drawn, again):
    generator = seeded(7)
    streams.uniform(generator, (drawn,), f32)
    streams.normal(generator, (3,), f32)
    other = again(generator)
    assert other is not generator
    for draw in (streams.normal, streams.uniform):
        np.testing.assert_array_equal(draw(generator, (5,), f32), draw(other, (5,), f32))
    np.testing.assert_array_equal(generator.get_state(), other.get_state())


def test_seeding_forgets_the_second_normal_number():
    generator = seeded()
    first = streams.normal(generator, (3,), f32)
    np.testing.assert_array_equal(streams.normal(generator.manual_seed(0), (3,), f32), first)


@pytest.mark.parametrize(
    ("state", "error", "text"),
    [
        (np.zeros(10, np.uint8), RuntimeError, "Expected a CPUGeneratorImplState of size 5056 but found .* to be 10$"),
        (np.zeros(5056, np.uint8), RuntimeError, "^Invalid mt19937 state$"),
        (np.zeros(5056), TypeError, "^RNG state must be a torch.ByteTensor$"),
        (3, TypeError, "^expected a torch.ByteTensor, but got int$"),
    ],
)
def test_what_is_no_state(state, error, text):
    with pytest.raises(error, match=text):
        Generator().set_state(state)


def test_devices():
    assert Generator().device == Generator(None).device == "cpu"
    assert Generator("cpu:0").device == "cpu:0"
    with pytest.raises(RuntimeError, match="for device 'cpu' only, not for 'cuda'"):
        Generator("cuda")


def test_default_generator():
    assert rng.manual_seed(3.0) is rng.default_generator
    assert rng.initial_seed() == 3
    before = rng.get_rng_state()
    streams.uniform(rng.default_generator, (4,), f32)
    assert (rng.get_rng_state() != before).any()
    rng.set_rng_state(before)
    np.testing.assert_array_equal(rng.get_rng_state(), before)
    assert rng.seed() == rng.initial_seed() != 3


@pytest.mark.parametrize("enabled", [True, False])
def test_fork_rng(enabled):
    before = rng.get_rng_state()
    with suppress(KeyError), rng.fork_rng(enabled=enabled):
        rng.manual_seed(1)
        raise KeyError
    assert np.array_equal(rng.get_rng_state(), before) is enabled


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (2, 3), (4, 4, 4)])
@pytest.mark.parametrize("dtype", [f16, bf16, f32, f64, c64])
def test_shapes(shape, dtype):
    for draw in (streams.uniform, streams.normal):
        array = draw(seeded(), shape, dtype)
        assert array.shape == shape
        assert array.dtype == dtype
        np.testing.assert_array_equal(array.ravel(), draw(seeded(), (array.size,), dtype))


@pytest.mark.parametrize("dtype", [f16, bf16, f32, f64])
def test_uniform_never_reaches_the_upper_bound(dtype):
    step = float(ml_dtypes.finfo(dtype).eps)
    array = streams.uniform(seeded(), (1000,), dtype, 1, 1 + 2 * step).astype(f64)
    assert set(array) == {1, 1 + step}


ERRORS = [
    (
        streams.uniform,
        ((3,), f32, 1, 0),
        RuntimeError,
        "uniform_ expects to return a [from, to) range, but found from=1 > to=0",
    ),
    (streams.uniform, ((3,), f32, 0, float("inf")), RuntimeError, "to is out of bounds for float"),
    (streams.uniform, ((3,), f16, 0, 1e5), RuntimeError, "to is out of bounds for c10::Half"),
    (
        streams.uniform,
        ((3,), f32, -3e38, 3e38),
        RuntimeError,
        "uniform_ expects to-from <= std::numeric_limits<Float>::max(), but found to=3e+38 and from=-3e+38 which result"
        " in to-from to exceed the limit",
    ),
    (streams.uniform, ((3,), np.int64), NotImplementedError, "\"check_uniform_bounds\" not implemented for 'Long'"),
    (streams.normal, ((3,), f32, 0, -1), RuntimeError, "normal expects std >= 0.0, but found std -1"),
    (streams.normal, ((3,), np.int64), NotImplementedError, "\"normal_kernel_cpu\" not implemented for 'Long'"),
    (
        streams.randint,
        ((3,), np.int64, 5, 3),
        RuntimeError,
        "random_ expects 'from' to be less than 'to', but got from=5 >= to=3",
    ),
    (streams.randint, ((3,), np.int8, 0, 300), RuntimeError, "to - 1 is out of bounds for signed char"),
    (streams.randint, ((3,), np.int8, -200, 3), RuntimeError, "from is out of bounds for signed char"),
    (streams.randint, ((3,), np.bool_, 0, 3), RuntimeError, "to - 1 is out of bounds for bool"),
    (streams.randint, ((3,), np.int64, 2**70), ValueError, "Overflow when unpacking long long"),
    (
        streams.randint,
        ((3,), c64, 0, 3),
        RuntimeError,
        "check_random_bounds handles only integral, floating-point and boolean types",
    ),
    (streams.random, ((3,), c64), NotImplementedError, "\"random_kernel_cpu\" not implemented for 'ComplexFloat'"),
    (streams.randperm, (-1,), RuntimeError, "Trying to create tensor with negative dimension -1: [-1]"),
    (
        streams.randperm,
        (300, np.uint8),
        RuntimeError,
        "value cannot be converted to type uint8_t without overflow",
    ),
    (streams.randperm, (3000, f16), RuntimeError, "n cannot be greater than 2049 for Half type."),
    (streams.randperm, (3, np.bool_), NotImplementedError, "\"randperm\" not implemented for 'Bool'"),
    (streams.bernoulli, ((3,), f32, 2), RuntimeError, "bernoulli_ expects p to be in [0, 1], but got p=2"),
    (
        streams.bernoulli,
        ((1,), f32, np.array([2], f32)),
        RuntimeError,
        "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If so,"
        " please report an enhancement request to PyTorch.)",
    ),
    (streams.exponential, ((3,), f32, 0), RuntimeError, "exponential_ expects lambda > 0.0, but found lambda=0"),
    (
        streams.exponential,
        ((3,), np.int64),
        RuntimeError,
        "Exponential distribution is a continuous probability distribution. dtype must be a floating point but you"
        " specified Long",
    ),
    (streams.geometric, ((3,), f32, 1), RuntimeError, "geometric_ expects p to be in (0, 1), but got p=1"),
    (streams.cauchy, ((3,), f32, 0, 0), RuntimeError, "cauchy_ expects sigma > 0.0, but found sigma=0"),
    (streams.log_normal, ((3,), f32, 0, 0), RuntimeError, "log_normal_ expects std > 0.0, but found std=0"),
    (
        streams.multinomial,
        (np.ones(3, f32), 4),
        RuntimeError,
        "cannot sample n_sample > prob_dist.size(-1) samples without replacement",
    ),
    (streams.multinomial, (np.ones(3, f32), 0), RuntimeError, "cannot sample n_sample <= 0 samples"),
    (streams.multinomial, (np.ones((2, 2, 2), f32), 1), RuntimeError, "prob_dist must be 1 or 2 dim"),
    (
        streams.multinomial,
        (np.ones(3, np.int64), 1),
        RuntimeError,
        "multinomial only supports floating-point dtypes for input, got: Long",
    ),
    (
        streams.multinomial,
        (np.zeros((2, 3), f32), 1),
        RuntimeError,
        "invalid multinomial distribution (sum of probabilities <= 0)",
    ),
    (
        streams.multinomial,
        (np.array([-1, 2], f32), 1),
        RuntimeError,
        "probability tensor contains either `inf`, `nan` or element < 0",
    ),
    (
        streams.multinomial,
        (np.array([-1, 2], f32), 2, True),
        RuntimeError,
        "invalid multinomial distribution (encountering probability entry < 0)",
    ),
    (
        streams.multinomial,
        (np.array([np.inf, 2], f32), 2, True),
        RuntimeError,
        "invalid multinomial distribution (encountering probability entry = infinity or NaN)",
    ),
]


@pytest.mark.parametrize(("draw", "arguments", "error", "text"), ERRORS, ids=[case[3][:50] for case in ERRORS])
def test_errors(draw, arguments, error, text):
    with pytest.raises(error) as caught:
        draw(seeded(), *arguments)
    assert str(caught.value) == text


def test_whole_numbers_beyond_the_precision_of_the_dtype_warn():
    with pytest.warns(UserWarning, match=r"to - 1 is out of bounds \[-\(2\^24\), 2\^24\]"):
        array = streams.randint(seeded(), (3,), f32, 0, 2**25)
    assert array.tolist() == [8325944.0, 29665988.0, 18261804.0]
