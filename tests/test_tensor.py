"""The tensor: attributes, conversions, shared memory, pickles and copies."""

import copy
import pickle
import warnings

import numpy as np
import pytest

import pullback as torch
from pullback import errors

DTYPES = [torch.float16, torch.float32, torch.float64, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64,
          torch.bool, torch.complex64, torch.complex128]
dtypes = pytest.mark.parametrize("dtype", DTYPES, ids=str)


# ---- attributes ----------------------------------------------------------------------------------------------------------
def test_attributes():
    x = torch.zeros(2, 3, dtype=torch.float64)
    assert x.shape == (2, 3) and isinstance(x.shape, torch.Size) and x.size() == x.shape
    assert x.size(0) == 2 and x.size(-1) == 3 and x.stride() == (3, 1) and x.stride(0) == 3
    assert x.ndim == x.dim() == x.ndimension() == 2 and x.numel() == x.nelement() == 6
    assert x.itemsize == x.element_size() == 8 and x.nbytes == 48
    assert x.dtype is torch.float64 and x.device == torch.device("cpu") and x.device.type == "cpu"
    assert x.layout == torch.strided
    assert not x.is_cuda and x.is_cpu and not x.is_sparse and not x.is_quantized
    assert x.is_contiguous() and not x.t().is_contiguous() and x.t().stride() == (1, 3)
    assert x.is_floating_point() and not x.is_complex() and x.is_signed()
    assert x.requires_grad is False and x.is_leaf and x.grad is None and x.grad_fn is None and x._version == 0
    assert len(x) == 2 and x.T.shape == x.mT.shape == (3, 2)
    assert x.storage_offset() == 0 and x.data_ptr() == x.numpy().ctypes.data


def test_size_is_a_tuple_that_says_so():
    size = torch.zeros(2, 3).shape
    assert repr(size) == "torch.Size([2, 3])" and size.numel() == 6
    assert size + (4,) == (2, 3, 4) and isinstance(size[:1], torch.Size) and size[0] == 2


def test_size_and_stride_out_of_range():
    x = torch.zeros(2, 3)
    for method in (x.size, x.stride):
        with pytest.raises(IndexError, match=r"Dimension out of range \(expected to be in range of \[-2, 1\], but got 2\)"):
            method(2)


def test_read_only_attributes():
    x = torch.ones(1)
    for name in ("grad_fn", "is_leaf"):
        with pytest.raises(AttributeError, match=f"attribute '{name}' of 'torch._C.TensorBase' objects is not writable"):
            setattr(x, name, None)


def test_users_may_add_attributes():
    x = torch.ones(1)
    x.label = "mine"
    assert x.label == "mine" and copy.deepcopy(x).label == "mine"
    with pytest.raises(AttributeError):
        x.no_such_attribute


# ---- requires_grad -------------------------------------------------------------------------------------------------------
def test_requires_grad_texts():
    with pytest.raises(RuntimeError, match="^Only Tensors of floating point and complex dtype can require gradients$"):
        torch.tensor([1], requires_grad=True)
    x = torch.tensor([1])
    with pytest.raises(RuntimeError, match="^only Tensors of floating point and complex dtype can require gradients$"):
        x.requires_grad = True
    with pytest.raises(RuntimeError, match="^only Tensors of floating point dtype can require gradients$"):
        x.requires_grad_()
    x.requires_grad = False
    x.requires_grad_(False)
    with pytest.raises(RuntimeError, match="requires_grad must be a bool"):
        torch.ones(1).requires_grad = 1
    with pytest.raises(TypeError, match=r"requires_grad_\(\): argument 'requires_grad' \(position 1\) must be bool, not str"):
        torch.ones(1).requires_grad_("x")


def test_requires_grad_of_a_result():
    y = torch.ones(1, requires_grad=True) * 2
    assert y.requires_grad_() is y
    with pytest.raises(RuntimeError, match=r"^you can only change requires_grad flags of leaf variables\.$"):
        y.requires_grad = True
    with pytest.raises(RuntimeError, match="you can only change requires_grad flags of leaf variables. If you want to use"):
        y.requires_grad = False


def test_requires_grad_under_operations_without_gradient():
    x = torch.tensor([1.5, -2.0], requires_grad=True)
    for result in (x > 0, x == x, x.long(), x.argmax()):
        assert not result.requires_grad
    for result in (torch.floor(x), torch.sign(x)):
        assert result.requires_grad
        assert torch.autograd.grad(result.sum(), x)[0].tolist() == [0.0, 0.0]


def test_grad_may_be_assigned_and_deleted():
    x = torch.ones(3, requires_grad=True)
    x.grad = torch.ones(3)
    assert x.grad.tolist() == [1.0] * 3
    del x.grad
    assert x.grad is None
    for wrong, error, text in ((([1.0], TypeError, "assigned grad expected to be a Tensor or None but got grad of type list")),
                               (torch.ones(4), RuntimeError, r"attempting to assign a gradient of size '\[4\]' to a tensor of "
                                                             r"size '\[3\]'. Please ensure that the gradient and the tensor"),
                               (torch.ones(3).double(), RuntimeError, "attempting to assign a gradient with dtype 'double'"),
                               (x, RuntimeError, "can't assign Variable as its own grad")):
        with pytest.raises(error, match=text):
            x.grad = wrong
    assert x.grad is None
    plain = torch.ones(2)
    plain.grad = torch.zeros(2)


# ---- detach and data -----------------------------------------------------------------------------------------------------
def test_detach_shares_memory_and_version():
    x = torch.ones(2, requires_grad=True)
    d = x.detach()
    assert not d.requires_grad and d.data_ptr() == x.data_ptr()
    d.add_(1)
    assert x.tolist() == [2.0, 2.0] and x._version == d._version == 1


def test_data_shares_memory_but_not_the_version():
    x = torch.ones(2, requires_grad=True)
    d = x.data
    d.add_(1)
    assert not d.requires_grad and x.tolist() == [2.0, 2.0] and x._version == 0 and d._version == 1


def test_data_may_be_replaced():
    x = torch.ones(2, requires_grad=True)
    x.data = torch.zeros(3)
    assert x.shape == (3,) and x.requires_grad and x.is_leaf
    with pytest.raises(RuntimeError, match="data set to a tensor that requires gradients must be floating point or complex"):
        x.data = torch.tensor([1])
    with pytest.raises(TypeError, match="Variable data has to be a tensor, but got list"):
        x.data = [1.0]
    (x * 2).sum().backward()
    assert x.grad.shape == (3,)


def test_detach_in_place():
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    assert y.detach_() is y and not y.requires_grad and y.grad_fn is None
    with pytest.raises(RuntimeError, match="Can't detach views in-place. Use detach\\(\\) instead."):
        (x * 2).view(2).detach_()


# ---- NumPy ---------------------------------------------------------------------------------------------------------------
def test_from_numpy_and_numpy_copy_nothing():
    array = np.arange(6.0).reshape(2, 3)
    x = torch.from_numpy(array)
    assert x.dtype is torch.float64 and np.shares_memory(x.numpy(), array)
    array[0, 0] = 7
    x[0, 1] = 8
    assert x[0, 0].item() == 7 and array[0, 1] == 8
    transposed = torch.from_numpy(array.T)
    assert transposed.stride() == (1, 3) and np.shares_memory(transposed.numpy(), array)


def test_from_numpy_errors():
    with pytest.raises(TypeError, match=r"expected np.ndarray \(got list\)"):
        torch.from_numpy([1])
    with pytest.raises(TypeError, match="can't convert np.ndarray of type numpy.str_. The only supported types are: "):
        torch.from_numpy(np.array(["a"]))
    with pytest.raises(ValueError, match="At least one stride in the given numpy array is negative"):
        torch.from_numpy(np.arange(3)[::-1])
    with pytest.warns(UserWarning, match="The given NumPy array is not writable"):
        torch.from_numpy(np.broadcast_to(np.ones(1), 3))


def test_numpy_of_a_tensor_that_requires_grad():
    x = torch.ones(2, requires_grad=True)
    for convert in (lambda: x.numpy(), lambda: np.asarray(x), lambda: np.exp(x)):
        with pytest.raises(RuntimeError, match="Can't call numpy\\(\\) on Tensor that requires grad. Use tensor.detach\\(\\)"):
            convert()
    assert x.numpy(force=True).tolist() == [1.0, 1.0]
    with torch.no_grad():
        assert np.shares_memory(x.numpy(), x.detach().numpy())


def test_array_protocol():
    x = torch.tensor([1.5, 2.5])
    assert np.asarray(x).dtype == np.float32 and np.shares_memory(np.asarray(x), x.numpy())
    assert np.array(x, dtype=np.int64).tolist() == [1, 2] and not np.shares_memory(np.array(x), x.numpy())
    assert np.stack([x, x]).shape == (2, 2)


def test_numpy_numbers_and_arrays_as_operands():
    x = torch.ones(2, requires_grad=True)
    for other in (np.float64(2), np.float32(2), np.array([2.0, 2.0], np.float32)):
        for result in (x * other, other * x):
            assert isinstance(result, torch.Tensor) and result.requires_grad and result.tolist() == [2.0, 2.0]


def test_dlpack_both_ways():
    array = np.arange(4.0)
    x = torch.from_dlpack(array)
    assert isinstance(x, torch.Tensor) and np.shares_memory(x.numpy(), array)
    y = np.from_dlpack(torch.ones(3))
    assert y.tolist() == [1.0] * 3
    z = torch.ones(3)
    again = torch.from_dlpack(z)
    again.add_(1)
    assert z.tolist() == [2.0] * 3
    assert z.__dlpack_device__() == (1, 0)
    with pytest.raises(BufferError, match="Can't export tensors that require gradient, use tensor.detach\\(\\)"):
        np.from_dlpack(torch.ones(1, requires_grad=True))


# ---- Python numbers ------------------------------------------------------------------------------------------------------
def test_item_and_tolist():
    assert torch.tensor(2.5).item() == 2.5 and type(torch.tensor(3).item()) is int and torch.tensor([[True]]).item() is True
    assert torch.tensor([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]] and torch.tensor(1.5).tolist() == 1.5
    assert torch.zeros(2, 0).tolist() == [[], []]
    for count in (0, 2):
        with pytest.raises(RuntimeError, match=f"a Tensor with {count} elements cannot be converted to Scalar"):
            torch.ones(count).item()


def test_float_int_bool_index_complex():
    assert float(torch.tensor([2.5])) == 2.5 and int(torch.tensor(2.5)) == 2 and complex(torch.tensor(1 + 2j)) == 1 + 2j
    assert bool(torch.tensor([1])) is True and not torch.tensor(0.0)
    assert [10, 20, 30][torch.tensor(1)] == 20 and list(range(3))[torch.tensor(2)] == 2
    with pytest.raises(TypeError, match="only integer tensors of a single element can be converted to an index"):
        [1, 2][torch.tensor(1.0)]
    with pytest.raises(RuntimeError, match="Boolean value of Tensor with more than one value is ambiguous"):
        bool(torch.ones(2))
    with pytest.raises(RuntimeError, match="Boolean value of Tensor with no values is ambiguous"):
        bool(torch.ones(0))


def test_float_of_a_tensor_that_requires_grad_warns(monkeypatch):
    monkeypatch.setattr(errors, "_GIVEN", set())  # it is given once in a process
    x = torch.tensor(2.0, requires_grad=True)
    with pytest.warns(UserWarning, match="Converting a tensor with requires_grad=True to a scalar may lead to unexpected"):
        float(x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x.item()


def test_iteration_and_membership():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    rows = list(x)
    assert [r.tolist() for r in rows] == [[1.0, 2.0], [3.0, 4.0]] and all(r.requires_grad for r in rows)
    assert 3.0 in x and 5.0 not in x
    a, b = x
    assert a.shape == (2,)
    with pytest.raises(TypeError, match="iteration over a 0-d tensor"):
        list(torch.tensor(1.0))
    with pytest.raises(TypeError, match="len\\(\\) of a 0-d tensor"):
        len(torch.tensor(1.0))
    with pytest.raises(RuntimeError, match=r"Tensor.__contains__ only supports Tensor or scalar, but you passed in a "):
        assert "a" in x


def test_hash_is_identity():
    x = torch.ones(1)
    assert hash(x) == hash(x) and {x: 1}[x] == 1 and len({x, torch.ones(1)}) == 2


# ---- dtypes --------------------------------------------------------------------------------------------------------------
@dtypes
def test_to_and_back(dtype):
    x = torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64)
    y = x.to(dtype)
    assert y.dtype is dtype and y.to(dtype) is y and y.to(dtype, copy=True) is not y
    assert y.to(torch.float64).tolist() == ([0.0, 1.0, 1.0] if dtype is torch.bool else [0.0, 1.0, 2.0])
    assert x.type(dtype).dtype is dtype and x.to(y).dtype is dtype


@pytest.mark.parametrize("name, dtype", [("float", torch.float32), ("double", torch.float64), ("half", torch.float16),
                                         ("long", torch.int64), ("int", torch.int32), ("short", torch.int16),
                                         ("char", torch.int8), ("byte", torch.uint8), ("bool", torch.bool),
                                         ("cfloat", torch.complex64), ("cdouble", torch.complex128)])
def test_casts(name, dtype):
    assert getattr(torch.ones(2, dtype=torch.int16), name)().dtype is dtype


def test_the_imaginary_part_is_dropped_with_a_warning():
    z = torch.tensor([1 + 2j], requires_grad=True)
    for convert in (lambda: z.float(), lambda: z.to(torch.float64), lambda: torch.zeros(1).copy_(z)):
        with pytest.warns(UserWarning, match="^Casting complex values to real discards the imaginary part$"):
            y = convert()
        assert y.tolist() == [1.0] and torch.autograd.grad(y.sum(), z)[0].tolist() == [1 + 0j]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert z.bool().tolist() == [True]


def test_gradient_goes_through_casts():
    x = torch.ones(2, requires_grad=True)
    x.double().mul(3).float().sum().backward()
    assert x.grad.tolist() == [3.0, 3.0] and x.grad.dtype is torch.float32


def test_type_strings():
    assert torch.ones(1).type() == "torch.FloatTensor" and torch.tensor([1]).type() == "torch.LongTensor"
    assert torch.ones(1).type("torch.DoubleTensor").dtype is torch.float64


def test_devices():
    x = torch.ones(1)
    assert x.cpu() is x and x.to("cpu") is x and x.to(torch.device("cpu")) is x
    for move in (lambda: x.cuda(), lambda: x.to("cuda"), lambda: torch.ones(1, device="cuda")):
        with pytest.raises(AssertionError, match="Torch not compiled with CUDA enabled"):
            move()
    with pytest.raises(RuntimeError, match="Expected one of cpu, cuda, .* device type at start of device string: nonsense"):
        x.to("nonsense")


# ---- making tensors ------------------------------------------------------------------------------------------------------
def test_tensor_infers_its_dtype():
    for data, dtype in ((1, torch.int64), (1.0, torch.float32), (True, torch.bool), (1j, torch.complex64), ([], torch.float32),
                        ([1, 2.0], torch.float32), ([True, 2], torch.int64), (np.float64(1), torch.float64),
                        (np.arange(2, dtype=np.int16), torch.int16), ([np.float64(1), np.float64(2)], torch.float64)):
        assert torch.tensor(data).dtype is dtype, data


def test_tensor_copies():
    array = np.ones(2)
    x = torch.tensor(array)
    array[0] = 5
    assert x.tolist() == [1.0, 1.0]
    y = torch.as_tensor(array)
    array[1] = 6
    assert y.tolist() == [5.0, 6.0]
    assert torch.as_tensor(y) is y


def test_ragged_data():
    with pytest.raises(ValueError, match=r"expected sequence of length 2 at dim 1 \(got 1\)"):
        torch.tensor([[1, 2], [3]])
    with pytest.raises(ValueError, match="too many dimensions 'str'"):
        torch.tensor(["a"])
    with pytest.raises(TypeError, match="new\\(\\): invalid data type 'str'"):
        torch.tensor("a")
    with pytest.raises(RuntimeError, match="Could not infer dtype of NoneType"):
        torch.tensor(None)


def test_tensor_of_a_tensor_warns():
    with pytest.warns(UserWarning, match="To copy construct from a tensor, it is recommended to use sourceTensor.detach"):
        torch.tensor(torch.ones(1))


def test_factories():
    assert torch.zeros(2, 3).shape == torch.ones((2, 3)).shape == torch.empty([2, 3]).shape == (2, 3)
    assert torch.full((2,), 7).dtype is torch.int64 and torch.full((2,), 7.0).tolist() == [7.0, 7.0]
    assert torch.arange(3).tolist() == [0, 1, 2] and torch.arange(1.0, 2.0, 0.5).tolist() == [1.0, 1.5]
    assert torch.linspace(0, 1, 3).tolist() == [0.0, 0.5, 1.0] and torch.eye(2).tolist() == [[1.0, 0.0], [0.0, 1.0]]
    x = torch.zeros(2, dtype=torch.float64)
    assert torch.ones_like(x).dtype is torch.float64 and x.new_ones(3).dtype is torch.float64
    assert x.new_tensor([1]).dtype is torch.float64 and torch.zeros_like(x, requires_grad=True).requires_grad


def test_factory_errors():
    with pytest.raises(RuntimeError, match=r"Trying to create tensor with negative dimension -1: \[-1\]"):
        torch.ones(-1)
    with pytest.raises(TypeError, match=r"ones\(\) got an unexpected keyword argument 'volatile'"):
        torch.ones(1, volatile=True)
    with pytest.raises(RuntimeError, match="step must be nonzero"):
        torch.arange(0, 1, 0)
    with pytest.raises(RuntimeError, match="upper bound and lower bound inconsistent with step sign"):
        torch.arange(1, 0)


def test_default_dtype():
    torch.set_default_dtype(torch.float64)
    try:
        assert torch.ones(1).dtype is torch.tensor(1.0).dtype is torch.float64
        assert (torch.tensor([1]) / 2).dtype is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    with pytest.raises(TypeError, match="only floating-point types are supported as the default type"):
        torch.set_default_dtype(torch.int64)


# ---- copies and pickles --------------------------------------------------------------------------------------------------
@dtypes
def test_pickle(dtype):
    x = torch.tensor([[0, 1], [1, 0]]).to(dtype)
    y = pickle.loads(pickle.dumps(x))
    assert y.dtype is dtype and y.tolist() == x.tolist() and not y.requires_grad


def test_pickle_keeps_requires_grad_but_no_history():
    x = torch.ones(2, requires_grad=True)
    for tensor in (x, x * 2):
        y = pickle.loads(pickle.dumps(tensor))
        assert y.requires_grad and y.is_leaf and y.tolist() == tensor.tolist()


def test_deepcopy():
    x = torch.ones(2, requires_grad=True)
    x.grad = torch.zeros(2)
    y = copy.deepcopy(x)
    assert y is not x and y.requires_grad and y.is_leaf and y.grad is not x.grad and y.grad.tolist() == [0.0, 0.0]
    pair = copy.deepcopy([x, x])
    assert pair[0] is pair[1]
    with pytest.raises(RuntimeError, match="Only Tensors created explicitly by the user \\(graph leaves\\) support the deepcopy"):
        copy.deepcopy(x * 2)


def test_clone_keeps_strides_and_history():
    x = torch.ones(2, 3, requires_grad=True)
    y = x.t().clone()
    assert y.stride() == (1, 3) and y.requires_grad and y.data_ptr() != x.data_ptr()


def test_dtypes_pickle_and_print():
    for dtype in DTYPES:
        assert pickle.loads(pickle.dumps(dtype)) is dtype and copy.deepcopy(dtype) is dtype
    assert repr(torch.float32) == str(torch.float32) == "torch.float32"
    assert torch.float is torch.float32 and torch.double is torch.float64 and torch.long is torch.int64
    assert repr(torch.device("cpu")) == "device(type='cpu')" and repr(torch.device("cuda:1")) == "device(type='cuda', index=1)"


# ---- operators -----------------------------------------------------------------------------------------------------------
def test_operators_with_numbers_on_either_side():
    x = torch.tensor([2.0, 4.0])
    assert (1 - x).tolist() == [-1.0, -3.0] and (8 / x).tolist() == [4.0, 2.0] and (2**x).tolist() == [4.0, 16.0]
    assert (9 // x).tolist() == [4.0, 2.0] and (9 % x).tolist() == [1.0, 1.0] and (-x).tolist() == [-2.0, -4.0]
    assert abs(-x).tolist() == [2.0, 4.0] and (+x) is x or (+x).tolist() == x.tolist()
    assert (~torch.tensor([True])).tolist() == [False] and (torch.tensor([6]) & 3).tolist() == [2]
    assert (x @ x).item() == 20.0


def test_in_place_operators():
    x = y = torch.tensor([2.0, 4.0])
    x += 1
    x *= 2
    x -= 2
    x /= 2
    x **= 2
    assert x is y and y.tolist() == [4.0, 16.0] and y._version == 5


def test_operators_with_strangers():
    x = torch.ones(1)
    for operation in (lambda: x + "a", lambda: "a" + x, lambda: x * None, lambda: x - [1]):
        with pytest.raises(TypeError):
            operation()
    assert (x == None) is False and (x != "a") is True  # noqa: E711


# ---- numbers in the dtype asked for --------------------------------------------------------------------------------------
def test_numbers_go_straight_to_the_dtype_asked_for():
    for make in (lambda: torch.tensor(0.1, dtype=torch.float64), lambda: torch.tensor([0.1], dtype=torch.float64),
                 lambda: torch.as_tensor([[0.1]], dtype=torch.float64), lambda: torch.full((1,), 0.1, dtype=torch.float64),
                 lambda: torch.tensor([torch.tensor(1.0), 0.1], dtype=torch.float64)[1],
                 lambda: torch.ones(1).new_tensor(0.1, dtype=torch.float64)):
        assert make().item() == 0.1
    assert torch.tensor(2**63, dtype=torch.float64).item() == 2.0**63


def test_numbers_that_do_not_fit():
    with pytest.raises(RuntimeError, match="value cannot be converted to type uint8 without overflow"):
        torch.tensor(300, dtype=torch.uint8)
    with pytest.raises(TypeError, match="must be real number, not complex"):
        torch.tensor([1j], dtype=torch.float32)
    with pytest.raises(RuntimeError, match="value cannot be converted to type int64 without overflow"):
        torch.tensor(float("nan"), dtype=torch.int64)
    assert torch.tensor(-1, dtype=torch.uint8).item() == 255 and torch.tensor(2.7, dtype=torch.int32).item() == 2
