"""Properties that hold for every shape, index and dtype: broadcasting, indexing and promotion, against NumPy and themselves."""

import contextlib
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import pullback as torch
from pullback import dtypes
from pullback.shapes import broadcast, contiguous_strides, infer, wrap_dim

settings.register_profile("pullback", max_examples=150, deadline=None, derandomize=True)
settings.load_profile("pullback")

shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
ALL = [d for d in dtypes.ALL if d.numpy is not None]
kinds = st.sampled_from(ALL)


def numbers(shape):
    return (np.arange(math.prod(shape), dtype=np.float64) - 3.5).reshape(shape)


# ---- broadcasting --------------------------------------------------------------------------------------------------------
@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4))
def test_broadcast_shapes(drawn):
    assert broadcast(*drawn.input_shapes) == drawn.result_shape == np.broadcast_shapes(*drawn.input_shapes)
    a, b = map(numbers, drawn.input_shapes)
    result = torch.from_numpy(a) + torch.from_numpy(b)
    assert result.shape == drawn.result_shape
    np.testing.assert_array_equal(result.numpy(), a + b)


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3))
def test_the_gradient_of_a_broadcast_operand_is_a_sum(drawn):
    a, b = [torch.from_numpy(numbers(shape)).requires_grad_() for shape in drawn.input_shapes]
    (a * b).sum().backward()
    for leaf, other in ((a, b), (b, a)):
        full = np.broadcast_to(other.detach().numpy(), drawn.result_shape)
        lead = full.ndim - leaf.ndim
        repeated = [i + lead for i, size in enumerate(leaf.shape) if size == 1 and full.shape[i + lead] != 1]
        axes = (*range(lead), *repeated)
        assert leaf.grad.shape == leaf.shape
        np.testing.assert_allclose(leaf.grad.numpy(), full.sum(axis=axes).reshape(leaf.shape))


@given(shapes, shapes)
def test_shapes_that_do_not_broadcast(a, b):
    try:
        np.broadcast_shapes(a, b)
    except ValueError:
        with pytest.raises(RuntimeError, match=r"The size of tensor a \(\d+\) must match the size of tensor b \(\d+\)"):
            torch.ones(a) + torch.ones(b)
        with pytest.raises(RuntimeError):
            torch.ones(a).mul_(torch.ones(b))
    else:
        assert (torch.ones(a) + torch.ones(b)).shape == np.broadcast_shapes(a, b)


@given(shapes, shapes)
def test_in_place_never_changes_the_shape(a, b):
    x = torch.ones(a)
    fits = False
    with contextlib.suppress(ValueError):
        fits = np.broadcast_shapes(a, b) == a
    if fits:
        x.add_(torch.ones(b))
        assert x.shape == a and (x == 2).all()
    else:
        with pytest.raises(RuntimeError):
            x.add_(torch.ones(b))
        assert x.shape == a and (x == 1).all() and x._version == 0


# ---- shapes --------------------------------------------------------------------------------------------------------------
@given(shapes)
def test_reshape_infers_one_size(shape):
    size = math.prod(shape)
    assume(size > 0)
    for divisor in (d for d in range(1, size + 1) if size % d == 0):
        assert infer((divisor, -1), size) == (divisor, size // divisor)
        assert torch.ones(shape).reshape(divisor, -1).shape == (divisor, size // divisor)


@given(shapes, st.randoms(use_true_random=False))
def test_permute_and_back(shape, random):
    order = list(range(len(shape)))
    random.shuffle(order)
    x = torch.from_numpy(numbers(shape))
    y = x.permute(order)
    np.testing.assert_array_equal(y.numpy(), numbers(shape).transpose(order))
    back = [order.index(i) for i in range(len(order))]
    assert y.permute(back).tolist() == x.tolist() and (not shape or y._base is x)


@given(shapes)
def test_strides_are_those_of_the_layout(shape):
    x = torch.ones(shape)
    assert x.stride() == contiguous_strides(shape) and x.is_contiguous()
    assert x.numel() == math.prod(shape) and x.contiguous() is x


@given(st.integers(-6, 6), st.integers(0, 5))
def test_dims_count_from_either_end(dim, ndim):
    span = ndim or 1
    if -span <= dim < span:
        assert wrap_dim(dim, ndim) == dim % span
    else:
        with pytest.raises(IndexError, match=rf"expected to be in range of \[{-span}, {span - 1}\], but got {dim}"):
            wrap_dim(dim, ndim)


# ---- indexing ------------------------------------------------------------------------------------------------------------
@st.composite
def basic(draw):
    """An array and a basic index with steps that torch allows."""
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4))
    index = draw(hnp.basic_indices(shape, allow_newaxis=True))
    items = index if isinstance(index, tuple) else (index,)
    assume(all(not isinstance(item, slice) or item.step is None or item.step > 0 for item in items))
    return shape, index


@given(basic())
def test_basic_indexing_reads_as_numpy(drawn):
    shape, index = drawn
    array = numbers(shape)
    found = torch.from_numpy(array)[index]
    np.testing.assert_array_equal(found.numpy(), array[index])
    assert found.shape == array[index].shape and found._is_view()
    assert not found.numel() or np.shares_memory(found.numpy(), array)


@given(basic())
def test_basic_indexing_writes_as_numpy(drawn):
    shape, index = drawn
    expected, array = numbers(shape), numbers(shape)
    expected[index] = 99.0
    x = torch.from_numpy(array)
    x[index] = 99.0
    np.testing.assert_array_equal(array, expected)
    assert x._version == 1
    values = np.arange(expected[index].size, dtype=np.float64).reshape(expected[index].shape)
    expected[index] = values
    x[index] = torch.from_numpy(values)
    np.testing.assert_array_equal(array, expected)


@given(basic())
def test_the_gradient_of_an_index_is_ones_where_it_points(drawn):
    shape, index = drawn
    x = torch.from_numpy(numbers(shape)).requires_grad_()
    x[index].sum().backward()
    expected = np.zeros(shape)
    expected[index] = 1
    np.testing.assert_array_equal(x.grad.numpy(), expected)


@given(basic())
def test_the_gradient_of_an_assignment(drawn):
    shape, index = drawn
    x = torch.from_numpy(numbers(shape)).requires_grad_()
    values = np.ones(numbers(shape)[index].shape)
    v = torch.from_numpy(values).requires_grad_()
    y = x * 1
    y[index] = v * 3
    (y * y).sum().backward()
    expected = 2 * numbers(shape)
    expected[index] = 0
    np.testing.assert_allclose(x.grad.numpy(), expected)
    np.testing.assert_allclose(v.grad.numpy(), np.full(values.shape, 18.0))


@given(st.data())
def test_index_tensors_read_and_add_up_gradients(data):
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4))
    index = data.draw(hnp.integer_array_indices(shape, result_shape=hnp.array_shapes(min_dims=1, max_dims=2, max_side=3)))
    array = numbers(shape)
    x = torch.from_numpy(array).requires_grad_()
    found = x[tuple(torch.from_numpy(np.asarray(i, np.int64)) for i in index)]
    np.testing.assert_array_equal(found.detach().numpy(), array[index])
    found.sum().backward()
    expected = np.zeros(shape)
    np.add.at(expected, index, 1)
    np.testing.assert_array_equal(x.grad.numpy(), expected)


@given(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), st.integers(0, 2**16))
def test_masks_read_and_write_as_numpy(shape, seed):
    mask = np.random.default_rng(seed).random(shape) < 0.5
    array, expected = numbers(shape), numbers(shape)
    x = torch.from_numpy(array)
    assert x[torch.from_numpy(mask)].tolist() == expected[mask].tolist()
    x[torch.from_numpy(mask)] = -1.0
    expected[mask] = -1.0
    np.testing.assert_array_equal(array, expected)


@given(hnp.array_shapes(min_dims=1, max_dims=3, max_side=3), st.integers(-5, 5))
def test_an_index_out_of_range(shape, place):
    if -shape[0] <= place < shape[0]:
        assert torch.ones(shape)[place].shape == shape[1:]
    else:
        with pytest.raises(IndexError, match=rf"index {place} is out of bounds for dimension 0 with size {shape[0]}"):
            torch.ones(shape)[place]


# ---- promotion -----------------------------------------------------------------------------------------------------------
def promoted(a, b):
    """The dtype of the two, or None where torch has none."""
    try:
        return torch.promote_types(a, b)
    except RuntimeError:
        return None


@given(kinds, kinds)
def test_promotion_is_symmetric_and_above_both(a, b):
    c = promoted(a, b)
    assert c is promoted(b, a)
    if c is not None:
        assert c.category == max(a.category, b.category)
        assert promoted(a, c) is c and promoted(b, c) is c


@given(kinds)
def test_promotion_with_itself_and_bool(a):
    assert torch.promote_types(a, a) is a and torch.promote_types(a, torch.bool) is a


@given(kinds, kinds, kinds)
def test_promotion_of_three_does_not_depend_on_the_order_within_a_category(a, b, c):
    assume(a.category == b.category == c.category)
    together = {promoted(promoted(x, y), z) if promoted(x, y) else None for x, y, z in ((a, b, c), (c, b, a), (b, c, a))}
    assume(None not in together)
    assert len(together) == 1


@given(kinds, st.sampled_from([True, 2, 2.5, 1j]))
def test_a_number_never_widens_within_its_category(dtype, number):
    x = torch.ones(2).to(dtype)
    category = {bool: 0, int: 1, float: 2, complex: 3}[type(number)]
    result = x * number
    if category <= dtype.category:
        assert result.dtype is dtype
    else:
        assert result.dtype.category == category
    assert (number * x).dtype is result.dtype


@given(kinds, kinds)
def test_a_0_dim_tensor_does_not_widen_within_its_category(a, b):
    assume(promoted(a, b) is not None)
    result = torch.ones(2).to(a) * torch.tensor(1).to(b)
    if b.category <= a.category:
        assert result.dtype is a
    assert result.dtype is torch.result_type(torch.ones(2).to(a), torch.tensor(1).to(b))


@given(kinds, kinds)
def test_in_place_keeps_the_dtype_or_refuses(a, b):
    assume(promoted(a, b) is not None)
    x = torch.ones(2).to(a)
    if torch.can_cast(promoted(a, b), a):
        assert x.mul_(torch.ones(2).to(b)).dtype is a
    else:
        with pytest.raises(RuntimeError, match="can't be cast to the desired output type"):
            x.mul_(torch.ones(2).to(b))
        assert x._version == 0
