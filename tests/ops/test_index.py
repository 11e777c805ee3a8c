"""Reading and writing by index: NumPy agrees wherever torch does, and what is torch's own."""

import re
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pullback as torch
from pullback.autograd import grad


def numbers(*shape):
    return torch.arange(float(np.prod(shape)), dtype=torch.float64).reshape(shape)


def raises(kind, text):
    """The error's text begins with `text`."""
    return pytest.raises(kind, match="^" + re.escape(text))


# ---- against NumPy ---------------------------------------------------------------------------------------------------
@st.composite
def indexed(draw):
    """A shape, and an index into it that NumPy and torch read alike."""
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    index, picks, joint = [], 0, draw(st.sampled_from([(), (1,), (2,), (2, 1), (1, 3)]))
    for size in shape[: draw(st.integers(0, len(shape)))]:
        kind = draw(st.sampled_from(["number", "slice", "slice", "array", "mask"]))
        if kind == "number" and not picks:
            index.append(draw(st.integers(-size, size - 1)))
        elif kind == "array" and not any(isinstance(item, int) for item in index):
            picks += 1
            index.append(np.array(draw(st.lists(st.integers(-size, size - 1), min_size=int(np.prod(joint)),
                                                max_size=int(np.prod(joint)))), int).reshape(joint))
        elif kind == "mask" and not picks and not any(isinstance(item, int) for item in index):
            picks += 2
            index.append(np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size))))
            joint = (int(index[-1].sum()),)
        else:
            step = draw(st.none() | st.integers(1, 3))
            index.append(slice(draw(st.none() | st.integers(-5, 5)), draw(st.none() | st.integers(-5, 5)), step))
    if draw(st.booleans()):
        index.insert(draw(st.integers(0, len(index))), None)
    if draw(st.booleans()):
        index.append(Ellipsis)
    return shape, tuple(index)


def as_tensors(index):
    return tuple(torch.from_numpy(item) if isinstance(item, np.ndarray) else item for item in index)


@settings(max_examples=300, deadline=None)
@given(indexed())
def test_reads_as_numpy_does(case):
    shape, index = case
    x = numbers(*shape).requires_grad_()
    expected = x.detach().numpy()[index]
    result = x[as_tensors(index)]
    np.testing.assert_array_equal(result.detach().numpy(), expected)
    weights = numbers(*expected.shape) + 1
    (g,) = grad((result * weights).sum(), x)
    wanted = np.zeros(shape)
    np.add.at(wanted, index, weights.numpy())
    np.testing.assert_array_equal(g.numpy(), wanted)


@settings(max_examples=200, deadline=None)
@given(indexed(), st.booleans())
def test_writes_as_numpy_does(case, recorded):
    shape, index = case
    start = numbers(*shape)
    expected = start.numpy().copy()
    places = np.zeros(shape)
    places[index] = 1
    value = torch.tensor(-3.5, dtype=torch.float64, requires_grad=recorded)
    x = start.clone().requires_grad_(recorded)
    written = x * 1
    written[as_tensors(index)] = value
    expected[index] = -3.5
    np.testing.assert_array_equal(written.detach().numpy(), expected)
    if recorded:
        gx, gv = grad(written.sum(), (x, value), allow_unused=True, materialize_grads=True)
        np.testing.assert_array_equal(gx.numpy(), 1 - places)
        assert gv.item() == written.detach()[torch.from_numpy(places > 0)].numel() == places.sum() or _repeats(index)


def _repeats(index):
    return any(isinstance(item, np.ndarray) and item.dtype != bool for item in index)


# ---- what is torch's own ---------------------------------------------------------------------------------------------
def test_numbers_remove_their_dimension_before_tensors_pick():
    x = numbers(2, 3, 4)
    assert x[0, :, [1, 2]].shape == (3, 2)  # NumPy: (2, 3)
    assert x[[0, 1], 0, [0, 1]].tolist() == [0.0, 13.0]
    assert x[[0, 1], :, [1, 2]].shape == (2, 3)


def test_a_0_dim_integer_tensor_is_a_number():
    x = numbers(3, 2)
    row = x[torch.tensor(1)]
    row.fill_(-1)
    assert row._is_view() and x[1].tolist() == [-1, -1]
    assert x[torch.tensor(0) : torch.tensor(2)].shape == (2, 2)
    assert x[np.int64(2)].tolist() == [4, 5]


def test_true_and_false():
    x = numbers(2, 3)
    assert x[True].shape == (1, 2, 3) and x[False].shape == (0, 2, 3) and not x[True]._is_view()
    assert x[torch.tensor(True)].shape == (1, 2, 3) and x[0, True].shape == (1, 3)
    assert torch.tensor(5.0)[torch.tensor(True)].tolist() == [5.0]


def test_lists_arrays_and_ranges():
    x = numbers(3, 2)
    for rows in ([0, 2], range(0, 3, 2), np.array([0, 2]), (torch.tensor([0, 2]),), [True, False, True]):
        assert x[rows].tolist() == [[0, 1], [4, 5]]
    assert x[[]].shape == (0, 2)
    with pytest.warns(UserWarning, match="Using a non-tuple sequence for multidimensional indexing is deprecated"):
        assert x[[[0, 1], [1, 0]]].tolist() == [1.0, 2.0]


def test_byte_masks_warn():
    with pytest.warns(UserWarning, match="indexing with dtype torch.uint8 is now deprecated"):
        assert numbers(3)[torch.tensor([1, 0, 1], dtype=torch.uint8)].tolist() == [0.0, 2.0]


@pytest.mark.parametrize("index, name", [
    (0, "Select"), (slice(1, 2), "Slice"), (slice(None), "Slice"), (None, "Unsqueeze"), (..., "Alias"), ((), "Alias"),
    ((slice(None), 0), "Select"), ((0, None), "Unsqueeze"), ((slice(None), slice(None)), "Alias"), ((0, slice(1, 2)), "Slice"),
    ([0, 1], "Index"), (True, "Index")])
def test_the_last_step_names_the_node(index, name):
    x = torch.ones(2, 3, requires_grad=True)
    assert type(x[index].grad_fn).__name__ == f"{name}Backward0"
    assert x[index]._is_view() == (name != "Index")


def test_picked_tensors_are_row_major():
    assert numbers(2, 3, 4)[..., [0, 1]].is_contiguous() and numbers(2, 3, 4)[:, [0, 1], [1, 2]].is_contiguous()


WRONG_TYPE = "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got "


@pytest.mark.parametrize("index, kind, text", [
    (2, IndexError, "index 2 is out of bounds for dimension 0 with size 2"),
    ((0, -4), IndexError, "index -4 is out of bounds for dimension 1 with size 3"),
    ((0, 0, 0), IndexError, "too many indices for tensor of dimension 2"),
    ([2], IndexError, "index 2 is out of bounds for dimension 0 with size 2"),
    ((slice(None), [3]), IndexError, "index 3 is out of bounds for dimension 0 with size 3"),
    (([0, 1], [0, 1, 2]), IndexError,
     "shape mismatch: indexing tensors could not be broadcast together with shapes [2], [3]"),
    ("a", TypeError, "new(): invalid data type 'str'"),
    (1.5, IndexError, WRONG_TYPE + "float)"),
    ({}, IndexError, WRONG_TYPE + "dict)"),
    (slice(None, None, -1), ValueError, "step must be greater than zero"),
    (slice(None, None, 0), ValueError, "slice step cannot be zero"),
    (slice(1.0, None), TypeError, "slice indices must be integers or None or have an __index__ method"),
    ([True, False, True], IndexError,
     "The shape of the mask [3] at index 0 does not match the shape of the indexed tensor [2, 3] at index 0"),
    (10**30, ValueError, "Overflow when unpacking long long"),
])
def test_wrong_indices(index, kind, text):
    x = torch.zeros(2, 3)
    with raises(kind, text):
        x[index]
    with raises(kind, text):
        x[index] = 1
    assert x.sum() == 0 and x._version == 0


def test_wrong_index_tensors():
    x = torch.zeros(2, 3)
    for wrong in (torch.tensor([0.0]), torch.tensor(1.5), torch.tensor([0], dtype=torch.int16)):
        with raises(IndexError, "tensors used as indices must be long, int, byte or bool tensors"):
            x[wrong]
    with raises(IndexError, "invalid index of a 0-dim tensor."):
        torch.tensor(1.0)[0]
    with raises(IndexError, "slice() cannot be applied to a 0-dim tensor."):
        torch.tensor(1.0)[:]
    with raises(IndexError, "index is out of bounds for dimension with size 0"):
        torch.zeros(0)[torch.tensor([0])]


def test_an_index_must_not_be_overwritten_before_the_backward():
    x, rows = torch.ones(3, requires_grad=True), torch.tensor([0, 1])
    y = x[rows] * 1
    rows[0] = 2
    with pytest.raises(RuntimeError, match="has been modified by an inplace operation"):
        y.sum().backward()


# ---- writing ---------------------------------------------------------------------------------------------------------
def test_values_are_converted_and_broadcast():
    x = torch.zeros(2, 3)
    x[0] = torch.arange(3)
    x[:, 2] = torch.ones(1, 2, dtype=torch.float64)
    x[1, :2] = 2.5
    assert x.tolist() == [[0, 1, 1], [2.5, 2.5, 1]]
    whole = torch.zeros(2, dtype=torch.int64)
    whole[0] = 1.7
    whole[[1]] = 2.9
    assert whole.tolist() == [1, 2]
    flags = torch.zeros(2, dtype=torch.bool)
    flags[1] = 5
    assert flags.tolist() == [False, True]
    small = torch.zeros(1, dtype=torch.uint8)
    small[0] = -1
    assert small.tolist() == [255]


@pytest.mark.parametrize("index, value, kind, text", [
    (0, torch.ones(2), RuntimeError, "The expanded size of the tensor (3) must match the existing size (2) at non-singleton"),
    (0, torch.ones(2, 3), RuntimeError, "expand(torch.FloatTensor{[2, 3]}, size=[3]): the number of sizes provided (1)"),
    ([0], torch.ones(2), RuntimeError,
     "shape mismatch: value tensor of shape [2] cannot be broadcast to indexing result of shape [1, 3]"),
    ([0], torch.ones(3, dtype=torch.float64), RuntimeError,
     "Index put requires the source and destination dtypes match, got Float for the destination and Double for the source."),
    (0, "a", TypeError, "can't assign a str to a torch.FloatTensor"),
    ([0], [1.0, 2.0, 3.0], TypeError, "can't assign a list to a torch.FloatTensor"),
    (0, np.ones(3), TypeError, "can't assign a numpy.ndarray to a torch.FloatTensor"),
    (0, 1j, RuntimeError, "value cannot be converted to type float without overflow"),
])
def test_wrong_values_change_nothing(index, value, kind, text):
    x = torch.zeros(2, 3)
    with raises(kind, text):
        x[index] = value
    assert x.sum() == 0 and x._version == 0


def test_numbers_a_dtype_cannot_hold():
    with raises(RuntimeError, "value cannot be converted to type uint8_t without overflow"):
        torch.zeros(2, dtype=torch.uint8)[0] = 300
    with raises(RuntimeError, "value cannot be converted to type int64_t without overflow"):
        torch.zeros(2, dtype=torch.int64)[[0]] = float("inf")


def test_leaves_are_protected():
    x = torch.ones(2, 3, requires_grad=True)
    with raises(RuntimeError, "a view of a leaf Variable that requires grad is being used in an in-place operation."):
        x[0] = 1
    with raises(RuntimeError, "a leaf Variable that requires grad is being used in an in-place operation."):
        x[[0]] = 1
    with raises(RuntimeError, "a leaf Variable that requires grad is being used in an in-place operation."):
        x[x > 0] = 1
    with torch.no_grad():
        x[0] = 5
        x[[1]] = 6
    assert x.tolist() == [[5] * 3, [6] * 3] and x.is_leaf and x._version == 2


def test_written_history():
    x = torch.ones(2, 3, requires_grad=True)
    y = x * 1
    y[0] = 2
    assert type(y.grad_fn).__name__ == "CopySlices"
    y = x * 1
    y[[0]] = 2
    assert type(y.grad_fn).__name__ == "IndexPutBackward0"
    plain = torch.zeros(2, 3)
    plain[0] = x[1]
    assert plain.requires_grad
    (g,) = grad(plain.sum(), x)
    assert g.tolist() == [[0, 0, 0], [1, 1, 1]]


def test_augmented_assignment():
    x = torch.zeros(3)
    x[[0, 0, 1]] += 1
    x[1:] += 2
    x[x > 2] *= 10
    assert x.tolist() == [1.0, 30.0, 2.0]
    w = torch.ones(3, requires_grad=True)
    y = w * 2
    y[1] *= 5
    (g,) = grad(y.sum(), w)
    assert g.tolist() == [2, 10, 2]


def test_memory_that_several_elements_share():
    x = torch.zeros(3).expand(2, 3)
    x[0] = 5
    assert x.tolist() == [[5] * 3] * 2
    with pytest.warns(UserWarning, match="Use of index_put_ on expanded tensors is deprecated"):
        x[torch.tensor([0])] = 6
    y = torch.arange(3.0)
    with raises(RuntimeError, "unsupported operation: some elements of the input tensor and the written-to tensor refer"):
        y[1:] = y[:-1]
    with raises(RuntimeError, "unsupported operation: some elements of the input tensor and the written-to tensor refer"):
        y[1:].copy_(y[:-1])
    y[:] = y
    assert y.tolist() == [0, 1, 2]


# ---- gather and its kin ----------------------------------------------------------------------------------------------
def test_in_place_writes_a_part_into_the_memory_that_is_there():
    x = torch.zeros(4, 3)
    address, rows = x.data_ptr(), torch.tensor([1, 1])
    x.index_add_(0, rows, torch.ones(2, 3)).index_fill_(1, torch.tensor([0]), 7)
    x.scatter_(0, torch.tensor([[3, 3, 3]]), 9.0).masked_fill_(x == 2, -1).index_put_((torch.tensor([0]),), torch.tensor(4.0))
    assert x.data_ptr() == address and x._version == 5
    assert x.tolist() == [[4, 4, 4], [7, -1, -1], [7, 0, 0], [9, 9, 9]]


def test_recorded_in_place_writes():
    x = torch.ones(3, requires_grad=True)
    y = x * 2
    y.index_add_(0, torch.tensor([0, 0]), x[1:])
    assert type(y.grad_fn).__name__ == "IndexAddBackward0"
    (g,) = grad((y * torch.tensor([1.0, 10.0, 100.0])).sum(), x)
    assert g.tolist() == [2, 21, 201]


def test_writes_through_views_of_other_layout():
    x = torch.zeros(2, 3)
    x.t().scatter_add_(0, torch.tensor([[0, 2]]), torch.ones(1, 2))
    x.t().index_add_(0, torch.tensor([1, 1]), torch.ones(2, 2))
    assert x.tolist() == [[1, 2, 0], [0, 2, 1]]


def test_scatter_reduce_of_integers_and_without_self():
    index = torch.tensor([0, 0, 1])
    src = torch.tensor([3, 4, -5])
    assert torch.tensor([1, 1, 9]).scatter_reduce(0, index, src, "mean").tolist() == [2, -2, 9]
    assert torch.tensor([1, 1, 9]).scatter_reduce(0, index, src, "amax", include_self=False).tolist() == [4, -5, 9]
    assert torch.tensor([2, 2, 9]).scatter_reduce(0, index, src, "prod").tolist() == [24, -10, 9]


def test_gradient_of_a_product_with_zeros():
    x = torch.tensor([2.0, 0.0], dtype=torch.float64, requires_grad=True)
    src = torch.tensor([0.0, 3.0, 0.0, 4.0], dtype=torch.float64, requires_grad=True)
    y = x.scatter_reduce(0, torch.tensor([0, 0, 1, 1]), src, "prod")
    gx, gs = grad(y.sum(), (x, src), create_graph=True)
    assert gx.tolist() == [0, 0] and gs.tolist() == [6, 0, 0, 0]
    (second,) = grad(gs.sum(), x)
    assert second.tolist() == [3, 4]


@pytest.mark.parametrize("call, kind, text", [
    (lambda x, i: x.gather(0, torch.tensor([3])), RuntimeError, "index 3 is out of bounds for dimension 0 with size 3"),
    (lambda x, i: x.gather(0, torch.tensor([-1])), RuntimeError, "index -1 is out of bounds for dimension 0 with size 3"),
    (lambda x, i: x.gather(0, torch.tensor([[0]])), RuntimeError,
     "Index tensor must have the same number of dimensions as input tensor"),
    (lambda x, i: x.gather(0, torch.tensor([0.0])), RuntimeError, "gather(): Expected dtype int32/int64 for index"),
    (lambda x, i: torch.ones(2, 2).gather(1, torch.zeros(3, 1, dtype=torch.int64)), RuntimeError,
     "Size does not match at dimension 0 expected index [3, 1] to be no larger than self [2, 2] apart from dimension 1"),
    (lambda x, i: x.scatter(0, i, torch.ones(1)), RuntimeError, "Expected index [2] to be no larger than self [3]"),
    (lambda x, i: x.scatter(0, i, torch.ones(2, dtype=torch.float64)), RuntimeError,
     "scatter(): Expected self.dtype to be equal to src.dtype"),
    (lambda x, i: x.scatter_reduce(0, i, x[:2], "max"), RuntimeError,
     "reduce argument must be either sum, prod, mean, amax or amin, got max"),
    (lambda x, i: x.index_select(0, torch.tensor([3])), IndexError, "index out of range in self"),
    (lambda x, i: torch.ones(2, 2).index_select(0, torch.tensor([-1])), RuntimeError,
     "INDICES element is out of DATA bounds, id=-1 axis_dim=2"),
    (lambda x, i: x.index_select(0, torch.tensor([[0]])), IndexError, "index_select(): Index is supposed to be a vector"),
    (lambda x, i: x.index_add(0, i, torch.ones(3)), RuntimeError,
     "index_add_(): Number of indices (2) should be equal to source.size(dim): (3), for dim: 0"),
    (lambda x, i: x.index_copy(0, i, torch.ones(2, dtype=torch.float64)), RuntimeError,
     "index_copy_(): self and source expected to have the same dtype, but got (self) Float and (source) Double"),
    (lambda x, i: x.index_fill(0, torch.tensor([3]), 1), IndexError, "index 3 is out of bounds for dimension 0 with size 3"),
    (lambda x, i: x.take(torch.tensor([3])), IndexError, "out of range: tried to access index 3 on a tensor of 3 elements."),
    (lambda x, i: torch.take_along_dim(x, torch.tensor([0.0]), 0), RuntimeError,
     "torch.take_along_dim(): dtype of indices should be Long but got Float"),
    (lambda x, i: x.masked_fill(x, 1), RuntimeError, "masked_fill_ only supports boolean masks, but got mask with dtype float"),
    (lambda x, i: x.masked_fill(x > 0, torch.ones(3)), RuntimeError,
     "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with 1 dimension(s)."),
    (lambda x, i: x.masked_fill_(torch.ones(2, 3, dtype=torch.bool), 1), RuntimeError,
     "output with shape [3] doesn't match the broadcast shape [2, 3]"),
    (lambda x, i: x.masked_select(x), RuntimeError, "masked_select: expected BoolTensor for mask"),
    (lambda x, i: x.masked_scatter(x > -1, torch.ones(2)), RuntimeError,
     "Number of elements of source < number of ones in mask"),
])
def test_errors(call, kind, text):
    with raises(kind, text):
        call(torch.ones(3), torch.tensor([0, 1]))


def test_a_failed_write_in_place_changes_nothing():
    beyond, two = torch.tensor([0, 5]), torch.ones(2)
    for write in (lambda x: x.scatter_(0, beyond, 1.0), lambda x: x.index_add_(0, beyond, two),
                  lambda x: x.index_copy_(0, beyond, two), lambda x: x.index_fill_(0, beyond, 1),
                  lambda x: x.masked_scatter_(x == 0, two), lambda x: x.index_put_((beyond,), two)):
        x = torch.zeros(3)
        with pytest.raises((IndexError, RuntimeError)):
            write(x)
        assert x.tolist() == [0, 0, 0] and x._version == 0


def test_where_elements_are_not_zero():
    x = torch.tensor([[0.0, 1.0], [2.0, 0.0]])
    assert x.nonzero().tolist() == [[0, 1], [1, 0]]
    assert [part.tolist() for part in x.nonzero(as_tuple=True)] == [[0, 1], [1, 0]]
    assert [part.tolist() for part in torch.where(x > 1)] == [[1], [0]]
    assert torch.tensor(3.0).nonzero().shape == (1, 0) and torch.zeros(0).nonzero().shape == (0, 1)


def test_no_warnings_of_numpy():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x = torch.zeros(3, dtype=torch.int64)
        x[x == 0] = 1
        x.masked_fill_(x > 0, 2)
        torch.zeros(0)[torch.zeros(0, dtype=torch.bool)]
