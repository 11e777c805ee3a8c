"""`Variable` and `volatile`: what is left of them since 0.4, and, in the legacy era, how they worked from 0.1 to 0.3."""

import copy
import warnings

import pytest

import pullback as torch
from pullback import legacy_era
from pullback.autograd import Variable

READ = r"^volatile was removed \(Variable\.volatile is always False\)$"
SET = r"^volatile was removed and now has no effect\. Use `with torch\.no_grad\(\):` instead\.$"
BOTH = "^Variable can't be volatile and require_grad at the same time!$"



# ---- the three sections of the original description ----------------------------------------------------------------------
def test_requires_grad_spreads():
    x = Variable(torch.randn(5, 5))
    y = Variable(torch.randn(5, 5))
    z = Variable(torch.randn(5, 5), requires_grad=True)
    a = x + y
    b = a + z
    assert (a.requires_grad, b.requires_grad, (x + z).requires_grad) == (False, True, True)


def test_volatile_warns_that_it_is_gone():
    with pytest.warns(UserWarning, match=SET):
        x = Variable(torch.randn(5, 5), volatile=True)
    w = Variable(torch.randn(5, 5), requires_grad=True)
    assert (x + w).requires_grad


def test_no_grad_as_context_manager_and_decorator():
    x = torch.tensor([1.0], requires_grad=True)
    with torch.no_grad():
        y = x * 2
    assert not y.requires_grad

    @torch.no_grad()
    def doubler(x):
        return x * 2

    assert not doubler(x).requires_grad
    with pytest.raises(RuntimeError, match="Only Tensors of floating point and complex dtype can require gradients"):
        torch.tensor([1], requires_grad=True)


# ---- since 0.4 -----------------------------------------------------------------------------------------------------------
def test_variable_makes_a_tensor_without_history_on_the_same_memory():
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    v = Variable(y)
    assert type(v) is torch.Tensor and isinstance(v, Variable) and isinstance(x, Variable) and issubclass(torch.Tensor, Variable)
    assert not v.requires_grad and v.grad_fn is None and v.data_ptr() == y.data_ptr()
    assert Variable(torch.ones(1), requires_grad=True).requires_grad and Variable(torch.ones(1), True).requires_grad
    assert not isinstance(3, Variable)


def test_variable_of_something_else():
    with pytest.raises(TypeError, match=r"Variable data has to be a tensor, but got list"):
        Variable([1.0])
    with pytest.raises(TypeError, match="'foo' is an invalid keyword argument for this function"):
        Variable(torch.ones(1), foo=1)


def test_reading_volatile():
    for tensor in (torch.ones(1), Variable(torch.ones(1)), torch.ones(1, requires_grad=True) * 2):
        with pytest.warns(UserWarning, match=READ):
            assert tensor.volatile is False


@pytest.mark.parametrize("value", [True, False, 3, "x", None])
def test_setting_volatile(value):
    x = torch.ones(1, requires_grad=True)
    with pytest.warns(UserWarning, match=SET):
        x.volatile = value
    assert x.requires_grad
    with pytest.warns(UserWarning, match=READ):
        assert x.volatile is False


def test_deleting_volatile():
    x = torch.ones(1)
    with pytest.warns(UserWarning, match=SET):
        del x.volatile


@pytest.mark.parametrize("value", [True, 1, "yes"])
def test_constructing_volatile(value):
    with pytest.warns(UserWarning, match=SET):
        x = Variable(torch.ones(1), volatile=value)
    assert not x.requires_grad
    with pytest.warns(UserWarning, match=SET):
        Variable(torch.ones(1), False, value)


def test_not_volatile_is_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Variable(torch.ones(1), volatile=False)
        Variable(torch.ones(1), True, False)


def test_both_flags():
    with pytest.warns(UserWarning, match=SET), pytest.raises(ValueError, match=BOTH):
        Variable(torch.ones(1), requires_grad=True, volatile=True)


def test_warnings_as_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match=READ):
            torch.ones(1).volatile
        with pytest.raises(UserWarning, match=SET):
            torch.ones(1).volatile = True
        with pytest.raises(UserWarning, match=SET):
            Variable(torch.ones(1), volatile=True)


def test_the_warning_names_the_line_of_the_caller():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        torch.ones(1).volatile
        Variable(torch.ones(1), volatile=True)
        x = torch.ones(1)
        x.volatile = True
    assert [warning.filename for warning in seen] == [__file__] * 3


def test_factories_do_not_know_volatile():
    with pytest.raises(TypeError, match=r"ones\(\) got an unexpected keyword argument 'volatile'"):
        torch.ones(1, volatile=True)
    with pytest.raises(TypeError, match=r"tensor\(\) got an unexpected keyword argument 'volatile'"):
        torch.tensor(1.0, volatile=True)
    assert hasattr(torch.Tensor, "volatile")


# ---- before 0.4 ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def era():
    with legacy_era(), warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_one_volatile_input_makes_the_output_volatile(era):
    regular, volatile = Variable(torch.randn(5, 5)), Variable(torch.randn(5, 5), volatile=True)
    weight = Variable(torch.randn(5, 5), requires_grad=True)
    assert volatile.volatile and not regular.volatile and not weight.volatile
    for result in (regular + volatile, volatile + regular, weight * volatile, (weight * 2) @ volatile, volatile.sum(),
                   volatile.t(), volatile.view(25), torch.cat([weight, volatile])):
        assert result.volatile and not result.requires_grad and result.grad_fn is None
    assert not (regular + weight).volatile and (regular + weight).requires_grad


def test_the_flags_of_the_description(era):
    regular_input = Variable(torch.randn(1, 3))
    volatile_input = Variable(torch.randn(1, 3), volatile=True)
    model = torch.nn.Linear(3, 2)
    assert model(regular_input).requires_grad is True
    assert model(volatile_input).requires_grad is False
    assert model(volatile_input).volatile is True
    assert model(volatile_input).grad_fn is None


def test_volatile_saves_nothing(era):
    import gc
    import weakref

    v, w = Variable(torch.ones(3), volatile=True), Variable(torch.ones(3), requires_grad=True)
    h = v * w
    ref = weakref.ref(h)
    out = h.exp()
    del h
    gc.collect()
    assert ref() is None and out.volatile


def test_both_flags_before_0_4(era):
    with pytest.raises((ValueError, RuntimeError), match=BOTH):
        Variable(torch.ones(1), requires_grad=True, volatile=True)


def test_setting_volatile_before_0_4(era):
    v = Variable(torch.ones(1))
    v.volatile = True
    assert v.volatile and (v * 2).volatile
    v.volatile = False
    assert not v.volatile
    with pytest.raises(RuntimeError, match="^volatile must be a bool$"):
        v.volatile = 1
    result = Variable(torch.ones(1), requires_grad=True) * 2
    with pytest.raises(RuntimeError, match="^volatile can only be set on leaf variables$"):
        result.volatile = True


def test_backward_refuses_a_volatile_variable(era):
    v = Variable(torch.ones(1), volatile=True)
    with pytest.raises(RuntimeError, match="^element 0 of variables tuple is volatile$"):
        (v * 2).sum().backward()
    with pytest.raises(RuntimeError, match="^element 0 of variables does not require grad and does not have a grad_fn$"):
        Variable(torch.ones(1)).backward()


def test_hooks_refuse_a_volatile_variable(era):
    with pytest.raises(RuntimeError, match="^cannot register a hook on a volatile variable$"):
        Variable(torch.ones(1), volatile=True).register_hook(print)


def test_writing_a_volatile_value_makes_the_target_volatile(era):
    weight = Variable(torch.ones(2), requires_grad=True)
    target = weight * 2
    target.add_(Variable(torch.ones(2), volatile=True))
    assert target.volatile and not target.requires_grad and target.grad_fn is None and target.grad is None
    assert target.data.tolist() == [3.0, 3.0]


def test_detach_keeps_volatile_and_data_drops_it(era):
    v = Variable(torch.ones(1), volatile=True)
    assert v.detach().volatile and not Variable(v.data).volatile
    assert copy.deepcopy(v).volatile
    assert not Variable(torch.ones(1)).detach().volatile


def test_parameters_are_never_volatile(era):
    assert not torch.nn.Parameter(torch.ones(1)).volatile
    with pytest.raises(TypeError):
        torch.nn.Parameter(torch.ones(1), volatile=True)


def test_losses_refuse_targets_that_ask_for_a_gradient(era):
    loss = torch.nn.MSELoss()
    with pytest.raises(AssertionError, match="nn criterions don't compute the gradient w.r.t. targets - please mark these "
                                             "variables as volatile or not requiring gradients"):
        loss(Variable(torch.ones(2), requires_grad=True), Variable(torch.ones(2), requires_grad=True))
    assert loss(Variable(torch.ones(2), requires_grad=True), Variable(torch.ones(2), volatile=True)).volatile


def test_the_number_in_a_loss(era):
    loss = (Variable(torch.ones(2), requires_grad=True) * 3).sum()
    assert loss.data[0] == 6.0 and isinstance(loss.data[0], float)
    assert isinstance(loss[0], Variable) and loss[0].requires_grad


def test_a_training_step_of_the_time(era):
    model = torch.nn.Linear(3, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x, y = Variable(torch.randn(8, 3)), Variable(torch.randn(8, 1))
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(x), y, size_average=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.data[0])
    assert losses[-1] < losses[0]
    assert model(Variable(x.data, volatile=True)).volatile


def test_the_era_ends():
    with legacy_era():
        v = Variable(torch.ones(1), volatile=True)
    with pytest.warns(UserWarning, match=READ):
        assert v.volatile is False
    weight = torch.ones(1, requires_grad=True)
    assert (v * weight).requires_grad


def test_the_era_as_decorator():
    @legacy_era()
    def old():
        return Variable(torch.ones(1), volatile=True).volatile

    assert old() is True
