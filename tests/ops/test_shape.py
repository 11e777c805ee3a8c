"""Views and what torch says of shapes: shared memory, writes through views, strides, special cases, errors."""

import re

import numpy as np
import pytest

import pullback as torch
from pullback.autograd import grad


def numbers(*shape):
    return torch.arange(float(np.prod(shape))).reshape(shape)


def raises(kind, text):
    """The error's text begins with `text`."""
    return pytest.raises(kind, match="^" + re.escape(text))


VIEWS = [
    lambda x: x.view(6, 4), lambda x: x.reshape(4, 6), lambda x: x.flatten(), lambda x: x.permute(2, 0, 1), lambda x: x.T,
    lambda x: x.transpose(0, 1), lambda x: x.unsqueeze(1), lambda x: x[:, :1].squeeze(1), lambda x: x.expand(2, 2, 3, 4)[0],
    lambda x: x.diagonal(0, 1, 2), lambda x: x.narrow(2, 1, 2), lambda x: x.select(1, -1), lambda x: x.unfold(2, 2, 2),
    lambda x: x.as_strided((3, 2), (4, 12), 1), lambda x: x.movedim(0, -1), lambda x: x.unflatten(2, (2, 2)), lambda x: x[0],
    lambda x: x[:, 1:, ::2], lambda x: x[..., None, 0], lambda x: x.transpose(0, 1)[:1].expand(3, 2, 4)[1], lambda x: x.ravel(),
    lambda x: x.tensor_split(2, 2)[1], lambda x: x.swapaxes(0, 2), lambda x: x.adjoint(),
]


@pytest.mark.parametrize("view", VIEWS)
def test_writes_go_through_views_both_ways(view):
    base = numbers(2, 3, 4)
    seen = view(base)
    assert seen._is_view()
    seen.mul_(0).add_(-5)
    assert (base.numpy() == -5).sum() == seen.numel()
    base.fill_(7)
    assert (seen.numpy() == 7).all()
    assert base._version == seen._version == 3


@pytest.mark.parametrize("view", VIEWS)
def test_gradient_of_a_base_written_through_a_view(view):
    """What was overwritten gets no gradient; the factor of what was scaled reaches it."""
    x = numbers(2, 3, 4).requires_grad_()
    base = x * 1
    view(base).mul_(3)
    (g,) = grad(base.sum(), x)
    marks = torch.zeros(2, 3, 4)
    view(marks).add_(1)
    np.testing.assert_array_equal(g.numpy(), np.where(marks.numpy() > 0, 3, 1))


def test_views_of_what_cannot_be_viewed():
    x = numbers(3, 4).t()
    with raises(RuntimeError, "view size is not compatible with input tensor's size and stride"):
        x.view(-1)
    assert not x.reshape(-1)._is_view() or x.reshape(-1)._base is not x
    np.testing.assert_array_equal(x.reshape(-1).numpy(), x.numpy().reshape(-1))
    assert x.view(2, 2, 3).stride() == (2, 1, 4)
    assert numbers(1, 4).expand(3, 4).view(3, 2, 2).stride() == (0, 2, 1)


def test_contiguous_returns_itself_or_a_row_major_copy():
    x = numbers(3, 4)
    assert x.contiguous() is x
    y = x.t().contiguous()
    assert y.is_contiguous() and y.stride() == (3, 1) and not x.t().is_contiguous()
    assert torch.tensor(1.0).contiguous().shape == ()


def test_strides_of_dimensions_put_in():
    x = numbers(2, 3, 4).transpose(0, 2)
    assert x.unsqueeze(1).stride() == (1, 12, 4, 12)
    assert x.unsqueeze(3).stride() == (1, 4, 12, 1)
    assert numbers(3).expand(2, 3).stride() == (0, 1)


def test_the_same_bytes_as_another_type():
    x = torch.tensor([1.0, 2.0])
    bits = x.view(torch.int32)
    assert bits.tolist() == [0x3F800000, 0x40000000]
    bits[0] = 0
    assert x.tolist() == [0.0, 2.0]
    assert x.view(torch.uint8).shape == (8,)
    assert x.view(torch.float64).shape == (1,)
    assert not torch.ones(2, requires_grad=True).view(torch.int32).requires_grad
    with raises(RuntimeError, "self.size(-1) must be divisible by 2 to view Float as Double"):
        torch.zeros(3).view(torch.float64)
    with raises(RuntimeError, "self.dim() cannot be 0 to view Float as Byte"):
        torch.tensor(1.0).view(torch.uint8)
    with raises(RuntimeError, "self.stride(-1) must be 1 to view Float as Byte"):
        torch.zeros(2, 3).t().view(torch.uint8)


def test_squeeze_counts_its_cases():
    x = torch.ones(1, 3, 1, requires_grad=True)
    names = [type(y.grad_fn).__name__ for y in (x.squeeze(), x.squeeze(0), x.squeeze((0, 2)))]
    assert names == ["SqueezeBackward0", "SqueezeBackward1", "SqueezeBackward2"]
    assert x.squeeze(1).shape == (1, 3, 1)
    assert torch.tensor(1.0).squeeze(0).shape == ()


# ---- several views at once -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("parts, name", [
    (lambda x: x.split(1), "Split"), (lambda x: x.split([1, 1]), "SplitWithSizes"), (lambda x: x.chunk(2), "Split"),
    (lambda x: x.unbind(), "Unbind")])
def test_parts_must_not_be_written_when_recorded(parts, name):
    x = torch.ones(2, 3, requires_grad=True)
    first = parts(x * 1)[0]
    with raises(RuntimeError, f"Output 0 of {name} is a view and is being modified inplace"):
        first.add_(1)
    plain = torch.ones(2, 3)
    parts(plain)[1].add_(1)
    assert plain.sum() == 9


def test_parts_cover_the_whole():
    x = numbers(7, 2)
    assert [len(part) for part in x.split(3)] == [3, 3, 1]
    assert [len(part) for part in x.chunk(4)] == [2, 2, 2, 1]
    assert [len(part) for part in x.chunk(6)] == [2, 2, 2, 1]
    assert [len(part) for part in x.tensor_split(3)] == [3, 2, 2]
    assert [len(part) for part in x.tensor_split((2, 2, 9))] == [2, 0, 5, 0]
    assert [len(part) for part in x.tensor_split(torch.tensor([1]))] == [1, 6]
    assert torch.zeros(2, 0).unbind(1) == ()
    assert [tuple(part.shape) for part in torch.zeros(0, 2).split(3)] == [(0, 2)]


def test_a_part_without_gradient_counts_as_zeros():
    x = numbers(4).requires_grad_()
    _, second = x.split(2)
    (g,) = grad((second * second).sum(), x)
    assert g.tolist() == [0, 0, 4, 6]


# ---- joining ---------------------------------------------------------------------------------------------------------
def test_cat_promotes_and_takes_empty_vectors():
    joined = torch.cat([torch.ones(2, dtype=torch.int64), torch.ones(2), torch.zeros(0, dtype=torch.float64)])
    assert joined.dtype == torch.float64
    assert torch.cat([torch.ones(2, 3), torch.ones(0)]).shape == (2, 3)
    assert torch.stack([torch.tensor(1), torch.tensor(2.5)]).tolist() == [1.0, 2.5]


def test_gradients_of_joined_dtypes_are_those_of_the_inputs():
    x, y = torch.ones(2, requires_grad=True), torch.ones(2, dtype=torch.float64, requires_grad=True)
    gx, gy = grad(torch.cat([x, y]).sum(), (x, y))
    assert (gx.dtype, gy.dtype) == (torch.float32, torch.float64)


@pytest.mark.parametrize("call, kind, text", [
    (lambda: torch.cat([]), ValueError, "torch.cat(): expected a non-empty list of Tensors"),
    (lambda: torch.stack([]), RuntimeError, "stack expects a non-empty TensorList"),
    (lambda: torch.cat([torch.ones(2), torch.tensor(1.0)]), RuntimeError,
     "zero-dimensional tensor (at position 1) cannot be concatenated"),
    (lambda: torch.cat([torch.ones(2, 2), torch.ones(3)]), RuntimeError,
     "Tensors must have same number of dimensions: got 2 and 1"),
    (lambda: torch.cat([torch.ones(2, 2), torch.ones(2, 3)]), RuntimeError,
     "Sizes of tensors must match except in dimension 0. Expected size 2 but got size 3 for tensor number 1 in the list."),
    (lambda: torch.cat([torch.ones(2), 1]), TypeError, "expected Tensor as element 1 in argument 0, but got int"),
    (lambda: torch.cat(torch.ones(2)), TypeError, "cat(): argument 'tensors' (position 1) must be tuple of Tensors, not Tensor"),
    (lambda: torch.stack([torch.ones(2), torch.ones(3)]), RuntimeError,
     "stack expects each tensor to be equal size, but got [2] at entry 0 and [3] at entry 1"),
    (lambda: torch.ones(3).split([1, 1]), RuntimeError,
     "split_with_sizes expects split_sizes to sum exactly to 3 (input tensor's size at dimension 0)"),
    (lambda: torch.ones(3).split(-1), RuntimeError, "split expects split_size be non-negative, but got split_size=-1"),
    (lambda: torch.ones(3).split(0), RuntimeError, "split_size can only be 0 if dimension size is 0"),
    (lambda: torch.ones(3).chunk(0), RuntimeError, "chunk expects `chunks` to be greater than 0, got: 0"),
    (lambda: torch.tensor(1.0).unbind(), IndexError, "Dimension specified as 0 but tensor has no dimensions"),
    (lambda: torch.ones(2, 3).hsplit(2), RuntimeError, "torch.hsplit attempted to split along dimension 1"),
    (lambda: torch.ones(2, 3).view(5), RuntimeError, "shape '[5]' is invalid for input of size 6"),
    (lambda: torch.ones(2, 3).view(-1, -1), RuntimeError, "only one dimension can be inferred"),
    (lambda: torch.ones(2, 3).reshape(-2, 3), RuntimeError, "invalid shape dimension -2 at index 0 of shape [-2, 3]"),
    (lambda: torch.ones(0, 3).view(-1, 0), RuntimeError, "cannot reshape tensor of 0 elements into shape [-1, 0]"),
    (lambda: torch.ones(2, 3).flatten(1, 0), RuntimeError, "flatten() has invalid args: start_dim cannot come after end_dim"),
    (lambda: torch.ones(2, 3).unflatten(1, (2, 2)), RuntimeError, "unflatten: Provided sizes [2, 2] don't multiply up"),
    (lambda: torch.ones(2, 3).expand(3), RuntimeError, "expand(torch.FloatTensor{[2, 3]}, size=[3]): the number of sizes"),
    (lambda: torch.ones(2, 3).expand(3, 3), RuntimeError,
     "The expanded size of the tensor (3) must match the existing size (2) at non-singleton dimension 0."),
    (lambda: torch.ones(3).expand(-1, 3), RuntimeError,
     "The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension 0"),
    (lambda: torch.ones(2, 3).permute(0), RuntimeError, "permute(sparse_coo): number of dimensions in the tensor input"),
    (lambda: torch.ones(2, 3).permute(0, 0), RuntimeError, "permute(): duplicate dims are not allowed."),
    (lambda: torch.ones(2, 3).transpose(0, 2), IndexError,
     "Dimension out of range (expected to be in range of [-2, 1], but got 2)"),
    (lambda: torch.ones(2, 3, 4).t(), RuntimeError, "t() expects a tensor with <= 2 dimensions, but self is 3D"),
    (lambda: torch.ones(2, 3).movedim((0, 0), (0, 1)), RuntimeError, "movedim: repeated dim in `source` ([0, 0])"),
    (lambda: torch.ones(2, 3).squeeze((0, 0)), RuntimeError, "dim 0 appears multiple times in the list of dims"),
    (lambda: torch.ones(2, 3).unsqueeze(3), IndexError, "Dimension out of range (expected to be in range of [-3, 2], but got 3)"),
    (lambda: torch.ones(2, 3).repeat(2), RuntimeError, "Number of dimensions of repeat dims can not be smaller"),
    (lambda: torch.ones(2, 3).repeat(2, -1), RuntimeError, "Trying to create tensor with negative dimension -3: [4, -3]"),
    (lambda: torch.ones(2, 3).flip(0, 0), RuntimeError, "dim 0 appears multiple times in the list of dims"),
    (lambda: torch.roll(torch.ones(3), (1, 2), 0), RuntimeError, "shifts and dimensions must align. shifts: 2, dims:1"),
    (lambda: torch.rot90(torch.ones(3)), RuntimeError, "expected total dims >= 2, but got total dims = 1"),
    (lambda: torch.ones(3).tril(), RuntimeError, "tril: input tensor must have at least 2 dimensions"),
    (lambda: torch.ones(2, 3).diagonal(0, 1, 1), RuntimeError, "diagonal dimensions cannot be identical 1, 1"),
    (lambda: torch.ones(2, 3).narrow(1, 2, 2), RuntimeError, "start (2) + length (2) exceeds dimension size (3)."),
    (lambda: torch.ones(2, 3).narrow(1, 4, 1), IndexError, "start out of range (expected to be in range of [-3, 3], but got 4)"),
    (lambda: torch.ones(2, 3).select(0, 2), IndexError,
     "select(): index 2 out of range for tensor of size [2, 3] at dimension 0"),
    (lambda: torch.ones(6).as_strided((9, 2), (1, 2)), RuntimeError, "setStorage: sizes [9, 2], strides [1, 2]"),
    (lambda: torch.ones(6).as_strided((2,), (-1,)), RuntimeError, "as_strided: Negative strides are not supported"),
    (lambda: torch.ones(4).unfold(0, 5, 1), RuntimeError, "maximum size for tensor at dimension 0 is 4 but size is 5"),
    (lambda: torch.ones(4).unfold(0, 2, 0), RuntimeError, "step is 0 but must be > 0"),
    (lambda: torch.constant_pad_nd(torch.ones(3), (1,)), RuntimeError, "Length of pad must be even but instead it equals 1"),
    (lambda: torch.constant_pad_nd(torch.ones(3), (-2, -2)), RuntimeError, "narrow(): length must be non-negative."),
    (lambda: torch.ones(3).repeat_interleave(torch.tensor([1, 2])), RuntimeError,
     "repeats must have the same size as input along dim"),
    (lambda: torch.meshgrid(torch.ones(2), indexing="ab"), RuntimeError, 'torch.meshgrid: indexing must be one of "xy" or "ij"'),
    (lambda: torch.broadcast_shapes((2, 1), (3,), 4), RuntimeError, "Attempting to broadcast a dimension of length 4 at -1!"),
])
def test_errors(call, kind, text):
    with raises(kind, text):
        call()


# ---- changes of view in place ----------------------------------------------------------------------------------------
def test_changes_of_view_in_place_move_no_number():
    x = numbers(2, 1, 3)
    address = x.data_ptr()
    assert x.squeeze_() is x and x.shape == (2, 3)
    assert x.t_().shape == (3, 2) and x.stride() == (1, 3)
    assert x.unsqueeze_(0).transpose_(0, 2).swapaxes_(0, 1).shape == (3, 2, 1)
    assert x.squeeze_(2).swapdims_(0, 1).shape == (2, 3)
    assert x.data_ptr() == address and x._version == 7 and x.flatten().tolist() == [0, 1, 2, 3, 4, 5]


def test_changes_of_view_in_place_are_recorded():
    x = numbers(2, 3).requires_grad_()
    y = x * 2
    y.t_()
    assert type(y.grad_fn).__name__ == "TBackward1" and type(y.grad_fn.next_functions[0][0]).__name__ == "MulBackward0"
    (g,) = grad((y * numbers(3, 2)).sum(), x)
    np.testing.assert_array_equal(g.numpy(), 2 * numbers(3, 2).t().numpy())
    with raises(RuntimeError, "a leaf Variable that requires grad is being used in an in-place operation."):
        torch.ones(2, 3, requires_grad=True).t_()


def test_a_leaf_changed_under_no_grad_stays_a_leaf():
    x = torch.ones(2, 3, requires_grad=True)
    with torch.no_grad():
        x.t_()
    (x * numbers(3, 2)).sum().backward()
    assert x.is_leaf and x.grad.shape == (3, 2) and x.grad.tolist() == numbers(3, 2).tolist()


def test_a_view_stays_a_view_when_it_changes():
    y = torch.ones(2, 3, requires_grad=True) * 2
    seen = y[:1]
    seen.t_().mul_(5)
    assert y.tolist() == [[10, 10, 10], [2, 2, 2]] and seen._base is y
