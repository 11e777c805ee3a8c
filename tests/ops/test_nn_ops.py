"""Special cases and errors of the operations of networks: activations, normalisations, poolings, look-ups, dropout."""

import numpy as np
import pytest

import pullback as torch
from pullback.nn import functional as F
from pullback.ops import FUNCTIONS

RNG = np.random.default_rng(31)


def fn(name):
    return FUNCTIONS[name].call


def normal(*shape, grad=False):
    tensor = torch.from_numpy(RNG.normal(size=shape).astype(np.float32))
    return tensor.requires_grad_() if grad else tensor


def kept(tensor):
    """Bytes of what the last operation keeps, apart from the tensors among its inputs."""
    inputs = {id(node.variable._array) for node in tensor.grad_fn.inputs if hasattr(node, "variable")}
    arrays = [getattr(value, "_array", value) for value in tensor.grad_fn.saved]
    return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray) and id(array) not in inputs)


ERRORS = [
    ("gelu", ("x",), {"approximate": "other"}, RuntimeError, "approximate argument must be either none or tanh."),
    ("gelu", ("i",), {}, NotImplementedError, "\"GeluKernelImpl\" not implemented for 'Long'"),
    ("silu", ("i",), {}, NotImplementedError, "\"silu_cpu\" not implemented for 'Long'"),
    ("softmax", ("x", 5), {}, IndexError, "Dimension out of range (expected to be in range of [-2, 1], but got 5)"),
    ("softmax", ("i", 1), {}, NotImplementedError, "\"softmax_lastdim_kernel_impl\" not implemented for 'Long'"),
    ("softmax", ("i", 0), {}, NotImplementedError, "\"softmax_kernel_impl\" not implemented for 'Long'"),
    ("celu", ("x", 0.0), {}, RuntimeError, "ZeroDivisionError: alpha cannot be 0 for CELU"),
    ("hardtanh", ("x", 1, -1), {}, ValueError, "min_val cannot be greater than max_val"),
    ("softshrink", ("x", -1), {}, RuntimeError, "lambda must be in range [0, 3.40282e+38] for input dtype Float, but found -1"),
    ("glu", ("x",), {"dim": 0}, RuntimeError, "Halving dimension must be even, but dimension 0 is size 3"),
    ("prelu", ("x", "w"), {}, RuntimeError, "Mismatch of parameter numbers and input channel size. Found parameter numbers = 3 "
     "and channel size = 4."),
    ("dropout", ("x", 1.5), {}, ValueError, "dropout probability has to be between 0 and 1, but got 1.5"),
    ("layer_norm", ("x", (5,)), {}, RuntimeError, "Given normalized_shape=[5], expected input with shape [*, 5], but got input "
     "of size[3, 4]"),
    ("group_norm", ("x", 3), {}, RuntimeError, "Expected number of channels in input to be divisible by num_groups, but got "
     "input of shape [3, 4] and num_groups=3"),
    ("batch_norm", ("x", None, None), {}, RuntimeError, "running_mean must be defined in evaluation mode"),
    ("batch_norm", ("x", "w", "w"), {}, RuntimeError, "running_mean should contain 4 elements not 3"),
    ("batch_norm", ("one", None, None), {"training": True}, ValueError, "Expected more than 1 value per channel when training, "
     "got input size torch.Size([1, 4])"),
    ("embedding", ("i", "x"), {}, IndexError, "index out of range in self"),
    ("embedding", ("x", "x"), {}, RuntimeError, "Expected tensor for argument #1 'indices' to have one of the following scalar "
     "types: Long, Int; but got torch.FloatTensor instead (while checking arguments for embedding)"),
    ("one_hot", ("i", 3), {}, RuntimeError, "Class values must be smaller than num_classes."),
    ("max_pool2d", ("x", 2), {}, RuntimeError, "non-empty 3D or 4D (batch mode) tensor expected for input"),
    ("max_pool2d", ("image", 5), {}, RuntimeError, "Given input size: (1x4x4). Calculated output size: (1x0x0). Output size is "
     "too small"),
    ("max_pool2d", ("image", 2), {"padding": 2}, RuntimeError, "pad should be at most half of effective kernel size, but got "
     "pad=2, kernel_size=2 and dilation=1"),
    ("avg_pool2d", ("image", 2), {"divisor_override": 0}, RuntimeError, "divisor must be not zero"),
    ("adaptive_avg_pool2d", ("x", 2), {}, RuntimeError, "adaptive_avg_pool2d(): Expected 3D or 4D tensor, but got [3, 4]"),
]


@pytest.mark.parametrize("name, args, kwargs, kind, text", ERRORS)
def test_error(name, args, kwargs, kind, text):
    values = {"x": normal(3, 4), "i": torch.arange(6).reshape(2, 3), "w": torch.ones(3), "one": normal(1, 4),
              "image": normal(1, 1, 4, 4)}
    with pytest.raises(kind) as caught:
        fn(name)(*[values[a] if isinstance(a, str) else a for a in args], **kwargs)
    assert str(caught.value).startswith(text)


def test_softmax_of_infinities():
    infinite = torch.tensor([[float("-inf"), 0.0], [float("-inf"), float("-inf")]])
    result = torch.softmax(infinite, 1)
    assert result[0].tolist() == [0, 1]
    assert torch.isnan(result[1]).all()


@pytest.mark.parametrize("name, args, node", [
    ("softmax", (1,), "SoftmaxBackward0"), ("log_softmax", (1,), "LogSoftmaxBackward0"), ("gelu", (), "GeluBackward0"),
    ("silu", (), "SiluBackward0"), ("softplus", (), "SoftplusBackward0"), ("leaky_relu", (), "LeakyReluBackward0"),
    ("relu6", (), "HardtanhBackward0"), ("selu", (), "EluBackward0"), ("logsigmoid", (), "LogSigmoidBackward0"),
    ("layer_norm", ((4,),), "NativeLayerNormBackward0"), ("group_norm", (2,), "NativeGroupNormBackward0"),
    ("dropout", (), "MulBackward0"), ("alpha_dropout", (0.5, True), "AddBackward0")])
def test_node_names(name, args, node):
    assert fn(name)(normal(3, 4, grad=True), *args).grad_fn.name() == node


def test_what_is_kept_for_backward():
    x = normal(8, 16, 6, 6, grad=True)
    pooled = fn("max_pool2d")(x, 2)
    assert kept(pooled) == pooled.numel()  # one byte a window
    assert kept(fn("dropout")(x)) == x.numel()
    assert kept(fn("layer_norm")(x, (6, 6))) == 2 * 8 * 16 * 4  # mean and 1 / deviation
    assert kept(fn("batch_norm")(x, None, None, training=True)) <= 3 * 16 * 4
    assert kept(fn("gelu")(x)) == 0


def test_inplace_flag_writes():
    leaf = normal(3, 4, grad=True)
    for name in ("leaky_relu", "elu", "selu", "celu", "hardtanh", "relu6", "hardsigmoid", "hardswish", "silu", "mish", "dropout"):
        torch.manual_seed(0)
        expected = fn(name)(leaf)
        (wanted,) = torch.autograd.grad(expected.sum(), leaf)
        torch.manual_seed(0)
        target = leaf * 1
        assert fn(name)(target, inplace=True) is target
        assert target._version == 1
        assert torch.equal(target, expected)
        assert torch.equal(torch.autograd.grad(target.sum(), leaf)[0], wanted)
        with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place operation"):
            fn(name)(leaf, inplace=True)


def test_dropout_special_cases():
    x = normal(50, 60)
    assert fn("dropout")(x, training=False) is x
    assert fn("dropout")(x, 0.0) is x
    assert not fn("dropout")(x, 1.0).any()
    torch.manual_seed(1)
    first, second = fn("dropout")(x, 0.25), fn("dropout")(x, 0.25)
    assert not torch.equal(first, second)
    share = float((first == 0).sum()) / x.numel()
    assert 0.2 < share < 0.3
    channels = fn("dropout2d")(torch.ones(20, 30, 2, 2)).reshape(600, 4)
    assert bool(((channels == 0).sum(1) % 4 == 0).all())


def test_batch_norm_moves_running_statistics():
    x, mean, var = normal(4, 3, 5), torch.zeros(3), torch.ones(3)
    fn("batch_norm")(x, mean, var, training=True, momentum=0.25)
    values = x.numpy().transpose(1, 0, 2).reshape(3, -1)
    np.testing.assert_allclose(mean.numpy(), 0.25 * values.mean(1), rtol=1e-5)
    np.testing.assert_allclose(var.numpy(), 0.75 + 0.25 * values.var(1, ddof=1), rtol=1e-5)
    before = mean.clone()
    fn("batch_norm")(x, mean, var)
    assert torch.equal(mean, before)


def test_normalisation_far_from_zero():
    x = (normal(4, 64).double() + 1e6).numpy()
    result = fn("layer_norm")(torch.from_numpy(x), (64,)).numpy()
    np.testing.assert_allclose(result, (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5), rtol=1e-6)


def test_max_pool_prefers_nan_and_first():
    x = torch.tensor([[[1.0, 1.0, float("nan"), 0.0, 2.0, float("nan")]]])
    values, indices = fn("max_pool1d")(x, 2, return_indices=True)
    assert indices.tolist() == [[[0, 2, 5]]]
    assert torch.isnan(values).tolist() == [[[False, True, True]]]


def test_embedding_options():
    weight = normal(5, 3, grad=True)
    numbers = torch.tensor([1, 1, 4, 2])
    fn("embedding")(numbers, weight, padding_idx=4).sum().backward()
    assert weight.grad[:, 0].tolist() == [0, 2, 1, 0, 0]
    weight.grad = None
    fn("embedding")(numbers, weight, scale_grad_by_freq=True).sum().backward()
    assert weight.grad[:, 0].tolist() == [0, 1, 1, 0, 1]
    fn("embedding")(numbers, weight, max_norm=0.5)
    assert weight._version == 1
    lengths = (weight.detach() ** 2).sum(1).sqrt()
    assert bool((lengths[numbers] <= 0.5001).all())


def test_causal_attention_ignores_the_future():
    q, k, v = normal(2, 4, 8), normal(2, 4, 8), normal(2, 4, 8)
    first = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    v[:, 3] = 100.0
    assert torch.equal(F.scaled_dot_product_attention(q, k, v, is_causal=True)[:, :3], first[:, :3])


def test_attention_of_a_query_that_sees_nothing():
    mask = torch.tensor([[True, False], [False, False]])
    result = fn("scaled_dot_product_attention")(normal(2, 3), normal(2, 3), normal(2, 3), mask)
    assert not result[1].any()
