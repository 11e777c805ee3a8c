"""Matrix products, einsum and distances: wrong input, special cases, what is kept for the backward."""

import numpy as np
import pytest

import pullback as torch
from pullback import linalg
from pullback.nn.functional import linear

R = torch.randn
DOUBLE = torch.float64

ERRORS = [
    (lambda: R(2, 3) @ R(4, 5), "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)"),
    (lambda: R(2, 3) @ R(4), "size mismatch, got input (2), mat (2x3), vec (4)"),
    (lambda: R(3) @ R(4, 5), "mat1 and mat2 shapes cannot be multiplied (1x3 and 4x5)"),
    (
        lambda: R(3) @ R(4),
        "inconsistent tensor size, expected tensor [3] and src [4] to have the same number of elements",
    ),
    (lambda: R(5, 2, 3) @ R(4, 5), "mat1 and mat2 shapes cannot be multiplied (10x3 and 4x5)"),
    (
        lambda: R(5, 2, 3) @ R(5, 4, 5),
        "Expected size for first two dimensions of batch2 tensor to be: [5, 3] but got: [5, 4].",
    ),
    (
        lambda: R(5, 2, 3) @ R(6, 3, 5),
        "The size of tensor a (5) must match the size of tensor b (6) at non-singleton dimension 0",
    ),
    (
        lambda: torch.matmul(torch.tensor(1.0), R(3)),
        "both arguments to matmul need to be at least 1D, but they are 0D and 1D",
    ),
    (lambda: R(2, 3) @ R(3, 4).to(DOUBLE), "expected m1 and m2 to have the same dtype, but got: float != double"),
    (
        lambda: R(2, 3) @ R(3).to(DOUBLE),
        "addmv input tensors must have the same dtype, but got Double, Float, and Double",
    ),
    (
        lambda: torch.dot(R(3), R(3).to(DOUBLE)),
        "dot : expected both vectors to have same dtype, but found Float and Double",
    ),
    (lambda: torch.mm(R(3), R(3, 4)), "self must be a matrix"),
    (lambda: torch.bmm(R(5, 2, 3), R(3, 3)), "batch2 must be a 3D tensor"),
    (lambda: torch.mv(R(3), R(3)), "vector + matrix @ vector expected, got 1, 1, 1"),
    (
        lambda: torch.addmm(R(5, 4), R(2, 3), R(3, 4)),
        "The expanded size of the tensor (2) must match the existing size (5)",
    ),
    (
        lambda: torch.addmm(R(2, 4).to(DOUBLE), R(2, 3), R(3, 4)),
        "self and mat2 must have the same dtype, but got Double and Float",
    ),
    (lambda: linear(R(2, 3), R(4, 5), R(4)), "mat1 and mat2 shapes cannot be multiplied (2x3 and 5x4)"),
    (lambda: linear(R(2, 3), R(4, 3), R(5)), "The expanded size of the tensor (4) must match the existing size (5)"),
    (
        lambda: torch.einsum("ij,jk->ik", R(2, 3), R(4, 4)),
        "einsum(): subscript j has size 4 for operand 1 which does not broadcast",
    ),
    (
        lambda: torch.einsum("ij->iz", R(2, 3)),
        "einsum(): output subscript z does not appear in the equation for any input operand",
    ),
    (lambda: torch.einsum("ij->ii", R(2, 3)), "einsum(): output subscript i appears more than once in the output"),
    (
        lambda: torch.einsum("ij", R(2, 3), R(2, 3)),
        "einsum(): more operands were provided than specified in the equation",
    ),
    (lambda: torch.einsum("i1", R(2, 3)), "einsum(): invalid subscript given at index 1 in the equation string"),
    (
        lambda: torch.einsum("ii", R(2, 3)),
        "einsum(): subscript i is repeated for operand 0 but the sizes don't match, 3 != 2",
    ),
    (lambda: torch.einsum("i..j", R(2, 3)), "einsum(): found '.' for operand 0 that is not part of any ellipsis"),
    (
        lambda: torch.tensordot(R(2, 3), R(4, 3), dims=1),
        "contracted dimensions need to match, but first has size 3 in dim -1",
    ),
    (lambda: torch.outer(R(3, 3), R(3)), "outer: Expected 1-D argument self, but got 2-D"),
    (
        lambda: torch.inner(R(2, 3), R(4)),
        "inner() the last dimension must match on both input tensors but got shapes [2, 3] and [4]",
    ),
    (lambda: torch.cross(R(2, 4), R(2, 4)), "no dimension of size 3 in input"),
    (lambda: torch.cdist(R(2, 3), R(4, 4)), "X1 and X2 must have the same number of columns. X1: 3 X2: 4"),
    (lambda: linalg.multi_dot([R(2, 3)]), "multi_dot(): expected at least 2 tensors but got 1"),
]


@pytest.mark.parametrize(("call", "text"), ERRORS, ids=[text[:40] for _, text in ERRORS])
def test_wrong_operands(call, text):
    with pytest.raises(RuntimeError) as caught:
        call()
    assert str(caught.value).startswith(text)


def test_bool_has_no_products():
    with pytest.raises(NotImplementedError, match="\"addmm_impl_cpu_\" not implemented for 'Bool'"):
        torch.ones(2, 3, dtype=torch.bool) @ torch.ones(3, 2, dtype=torch.bool)


def test_operator_with_a_number():
    with pytest.raises(TypeError, match="unsupported operand"):
        R(2, 3) @ 3


def test_integers_wrap_around():
    a = torch.tensor([[100, 100]], dtype=torch.int8)
    assert (a @ a.T).tolist() == [[32]]


def test_half_precision_adds_in_single():
    a = torch.ones(1, 4096, dtype=torch.float16)
    assert (a @ a.T).item() == 4096


def test_beta_zero_ignores_the_input():
    out = torch.addmm(torch.full((2, 2), float("nan")), torch.ones(2, 3), torch.ones(3, 2), beta=0)
    assert out.tolist() == [[3.0, 3.0], [3.0, 3.0]]


def test_only_the_other_operand_is_kept():
    x, w = R(2, 3), R(4, 3, requires_grad=True)
    node = linear(x, w, R(4)).grad_fn
    assert [value is x for value in node.saved if value is not None] == [True]


def test_transposed_operands_are_not_copied():
    a, b = R(2, 3), R(4, 3)
    np.testing.assert_allclose((a @ b.T).numpy(), a.numpy() @ b.numpy().T, rtol=1e-6)
    np.testing.assert_allclose((a.T @ b[:2]).numpy(), a.numpy().T @ b.numpy()[:2], rtol=1e-6)


@pytest.mark.parametrize("p", [1.0, 1.5, 2.0, 3.0, float("inf")])
def test_distance_zero_has_gradient_zero(p):
    x = torch.tensor([[1.0, 2.0]], requires_grad=True)
    torch.cdist(x, x.detach(), p=p).sum().backward()
    assert x.grad.tolist() == [[0.0, 0.0]]


def test_einsum_of_many_operands_takes_the_cheap_order():
    a, b, c = R(200, 2), R(2, 200), R(200, 1)
    np.testing.assert_allclose(
        torch.einsum("ij,jk,kl->il", a, b, c).numpy(), a.numpy() @ (b.numpy() @ c.numpy()), rtol=1e-4, atol=1e-5
    )
