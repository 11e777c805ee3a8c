"""Grad modes: each manager as context manager and decorator, on every kind of function, nested, shared, interrupted."""

import asyncio
import contextlib
import inspect
import threading

import pytest

import pullback as torch
from pullback import enable_grad, inference_mode, is_grad_enabled, is_inference_mode_enabled, no_grad, set_grad_enabled

OFF = {"no_grad()": lambda: no_grad(), "inference_mode()": lambda: inference_mode(),
       "set_grad_enabled(False)": lambda: set_grad_enabled(False)}
BARE = {"no_grad": no_grad, "inference_mode": inference_mode}


@pytest.fixture(autouse=True)
def grad_stays_enabled():
    assert is_grad_enabled() and not is_inference_mode_enabled()
    yield
    state = is_grad_enabled(), is_inference_mode_enabled()
    set_grad_enabled(True)
    assert state == (True, False), f"the test left grad {state[0]}, inference {state[1]}"


def decorate(name, function):
    """`function` decorated, without leaving a statement's effect behind."""
    return BARE[name](function) if name in BARE else OFF[name]()(function)


DECORATORS = [*OFF, *BARE]
managers = pytest.mark.parametrize("name", OFF)
decorators = pytest.mark.parametrize("name", DECORATORS)


# ---- as context managers -------------------------------------------------------------------------------------------------
@managers
def test_context_manager(name):
    x = torch.ones(2, requires_grad=True)
    with OFF[name]():
        assert not is_grad_enabled()
        y = x * 2
    assert is_grad_enabled()
    assert not y.requires_grad and y.grad_fn is None and y.is_leaf
    assert (x * 2).requires_grad


@managers
def test_exception_restores(name):
    with contextlib.suppress(KeyError), OFF[name]():
        raise KeyError
    assert is_grad_enabled()


@pytest.mark.parametrize("make", [no_grad, inference_mode, enable_grad])
def test_one_object_nested_in_itself(make):
    manager = make()
    inside = make is enable_grad
    with manager:
        with manager:
            with manager:
                assert is_grad_enabled() is inside
            assert is_grad_enabled() is inside
        assert is_grad_enabled() is inside
    assert is_grad_enabled() and not is_inference_mode_enabled()


@pytest.mark.parametrize("make", [no_grad, inference_mode, enable_grad])
def test_exit_without_enter_does_nothing(make):
    make().__exit__(None, None, None)
    assert is_grad_enabled() and not is_inference_mode_enabled()
    with no_grad():
        make()
    assert is_grad_enabled()


def test_enable_grad_inside_no_grad():
    x = torch.ones(2, requires_grad=True)
    with no_grad():
        with enable_grad():
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad


def test_managers_hand_nothing_to_with():
    with no_grad() as a, enable_grad() as b, set_grad_enabled(True) as c, inference_mode() as d:
        assert a is b is c is d is None


def test_the_class_is_no_context_manager():
    with pytest.raises(TypeError):
        with no_grad:
            pass


# ---- set_grad_enabled ----------------------------------------------------------------------------------------------------
def test_set_grad_enabled_is_a_statement():
    set_grad_enabled(False)
    assert not is_grad_enabled()
    set_grad_enabled(True)
    assert is_grad_enabled()


def test_set_grad_enabled_takes_effect_at_construction_and_restores_what_was_before():
    manager = set_grad_enabled(False)
    assert not is_grad_enabled()
    with manager:
        assert not is_grad_enabled()
    assert is_grad_enabled()


def test_set_grad_enabled_nested_in_itself():
    manager = set_grad_enabled(False)
    with manager:
        with manager:
            assert not is_grad_enabled()
        assert not is_grad_enabled()
    assert is_grad_enabled()
    with manager:
        assert not is_grad_enabled()
    assert is_grad_enabled()


def test_set_grad_enabled_made_outside_of_another_mode():
    manager = set_grad_enabled(False)
    set_grad_enabled(True)
    with no_grad():
        with manager:
            assert not is_grad_enabled()
        assert not is_grad_enabled()
    assert is_grad_enabled()


def test_set_grad_enabled_made_as_the_argument_of_another():
    x = torch.ones(1, requires_grad=True)
    with set_grad_enabled(False), set_grad_enabled(True), set_grad_enabled(False):
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad


def test_set_grad_enabled_as_decorator_does_not_last():
    @set_grad_enabled(False)
    def inside():
        return is_grad_enabled()

    assert is_grad_enabled()
    assert inside() is False and inside() is False
    assert is_grad_enabled()


@pytest.mark.parametrize("value", [1, "x", len, None])
def test_set_grad_enabled_wants_a_bool(value):
    kind = {1: "int", "x": "str", None: "NoneType"}.get(value, "builtin_function_or_method")
    with pytest.raises(TypeError, match=rf"set_grad_enabled\(\): argument 'enabled' \(position 1\) must be bool, not {kind}"):
        set_grad_enabled(value)
    assert is_grad_enabled()


def test_set_grad_enabled_without_argument():
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'mode'"):
        set_grad_enabled()


def test_reprs():
    manager = set_grad_enabled(True)
    assert repr(manager) == "torch.autograd.grad_mode.set_grad_enabled(mode=True)"


# ---- as decorators -------------------------------------------------------------------------------------------------------
@decorators
def test_function(name):
    def double(x, *, by=2):
        """Multiply."""
        assert not is_grad_enabled()
        return x * by

    decorated = decorate(name, double)
    x = torch.ones(2, requires_grad=True)
    assert not decorated(x, by=3).requires_grad
    assert not decorated(x).requires_grad  # and again
    assert decorated.__name__ == "double" and decorated.__doc__ == "Multiply." and decorated.__wrapped__ is double
    assert is_grad_enabled()


@decorators
def test_function_that_calls_itself(name):
    def down(n):
        assert not is_grad_enabled()
        return 0 if n == 0 else 1 + decorated(n - 1)

    decorated = decorate(name, down)
    assert decorated(5) == 5
    assert is_grad_enabled()


@decorators
def test_function_that_raises(name):
    def fail():
        raise LookupError("here")

    with pytest.raises(LookupError, match="here"):
        decorate(name, fail)()
    assert is_grad_enabled()


@decorators
def test_method_classmethod_staticmethod(name):
    class Box:
        def method(self):
            return self, is_grad_enabled()

        def of_class(cls):
            return cls, is_grad_enabled()

        def of_none():
            return is_grad_enabled()

        method = decorate(name, method)
        of_class = classmethod(decorate(name, of_class))
        of_none = staticmethod(decorate(name, of_none))

    box = Box()
    assert box.method() == (box, False)
    assert Box.of_class() == (Box, False)
    assert Box.of_none() is False


@decorators
def test_generator(name):
    def counting(n):
        for i in range(n):
            assert not is_grad_enabled()
            received = yield i
            assert received is None or received == "sent"
        return "done"

    decorated = decorate(name, counting)
    generator = decorated(3)
    assert next(generator) == 0
    assert is_grad_enabled(), "the mode leaks out of the suspended generator"
    assert generator.send("sent") == 1
    with no_grad():
        assert next(generator) == 2
        assert not is_grad_enabled()
    with pytest.raises(StopIteration) as stop:
        next(generator)
    assert stop.value.value == "done"
    assert list(decorated(2)) == [0, 1]
    assert is_grad_enabled()
    assert inspect.isgeneratorfunction(decorated)


@decorators
def test_generator_thrown_into_and_closed(name):
    seen = []

    def patient():
        try:
            while True:
                try:
                    yield is_grad_enabled()
                except KeyError:
                    seen.append(("caught", is_grad_enabled()))
        finally:
            seen.append(("closed", is_grad_enabled()))

    generator = decorate(name, patient)()
    assert next(generator) is False
    assert generator.throw(KeyError()) is False
    generator.close()
    assert seen == [("caught", False), ("closed", False)]
    assert is_grad_enabled()


@decorators
def test_generator_that_raises(name):
    def failing():
        yield 1
        raise LookupError("here")

    generator = decorate(name, failing)()
    assert next(generator) == 1
    with pytest.raises(LookupError, match="here"):
        next(generator)
    assert is_grad_enabled()


@decorators
def test_coroutine(name):
    async def work(x):
        assert not is_grad_enabled()
        await asyncio.sleep(0)
        assert not is_grad_enabled()
        return x * 2

    decorated = decorate(name, work)
    assert inspect.iscoroutinefunction(decorated)
    x = torch.ones(2, requires_grad=True)

    async def main():
        return await decorated(x), is_grad_enabled()

    result, after = asyncio.run(main())
    assert not result.requires_grad and after


@decorators
def test_async_generator(name):
    async def counting(n):
        for i in range(n):
            assert not is_grad_enabled()
            await asyncio.sleep(0)
            assert not is_grad_enabled()
            yield i

    decorated = decorate(name, counting)
    assert inspect.isasyncgenfunction(decorated)

    async def main():
        found = []
        async for i in decorated(3):
            assert is_grad_enabled(), "the mode leaks out of the suspended generator"
            found.append(i)
        return found

    assert asyncio.run(main()) == [0, 1, 2]


@decorators
def test_async_generator_sent_thrown_closed(name):
    seen = []

    async def patient():
        try:
            received = None
            while True:
                try:
                    received = yield received, is_grad_enabled()
                except KeyError:
                    received = "thrown"
        finally:
            seen.append(is_grad_enabled())

    async def main():
        generator = decorate(name, patient)()
        assert await generator.asend(None) == (None, False)
        assert await generator.asend("sent") == ("sent", False)
        assert await generator.athrow(KeyError()) == ("thrown", False)
        await generator.aclose()

    asyncio.run(main())
    assert seen == [False]


def test_class_decoration_is_deprecated():
    with pytest.warns(FutureWarning, match="Decorating classes is deprecated"):
        @no_grad()
        class Box:
            def __init__(self):
                self.grad = is_grad_enabled()

            def method(self):
                return is_grad_enabled()

    assert Box().grad is False and Box().method() is True


def test_lambda_and_callable_object():
    class Callable:
        def __call__(self):
            return is_grad_enabled()

    assert no_grad()(lambda: is_grad_enabled())() is False
    assert no_grad()(Callable())() is False


def test_a_decorator_kept_and_used_many_times():
    manager = no_grad()
    first, second = manager(lambda: is_grad_enabled()), manager(lambda: first())
    assert first() is False and second() is False
    with manager:
        assert second() is False
    assert is_grad_enabled()


def test_enable_grad_as_decorator():
    @enable_grad()
    def on():
        return is_grad_enabled()

    @enable_grad
    def bare():
        return is_grad_enabled()

    with no_grad():
        assert on() and bare()
        assert not is_grad_enabled()


# ---- threads -------------------------------------------------------------------------------------------------------------
def test_a_new_thread_starts_with_grad_enabled():
    seen = []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append(is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


@pytest.mark.parametrize("make", [no_grad, inference_mode])
def test_one_object_shared_by_threads(make):
    manager, inside, after = make(), threading.Barrier(2, timeout=10), threading.Barrier(2, timeout=10)
    seen = {}

    def work(name, before):
        set_grad_enabled(before)
        with manager:
            inside.wait()
            seen[name, "inside"] = is_grad_enabled()
            if name == "slow":
                after.wait()
        seen[name, "after"] = is_grad_enabled()
        if name == "fast":
            after.wait()

    threads = [threading.Thread(target=work, args=args) for args in (("slow", False), ("fast", True))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {("slow", "inside"): False, ("fast", "inside"): False, ("slow", "after"): False, ("fast", "after"): True}


# ---- asyncio -------------------------------------------------------------------------------------------------------------
def test_interleaved_tasks_do_not_see_each_other():
    x = torch.ones(1, requires_grad=True)
    seen = []

    async def without(event_in, event_out):
        with no_grad():
            event_in.set()
            await event_out.wait()
            seen.append(("without", (x * 2).requires_grad))
        seen.append(("after", (x * 2).requires_grad))

    async def ordinary(event_in, event_out):
        await event_in.wait()
        seen.append(("ordinary", (x * 2).requires_grad))
        event_out.set()

    async def main():
        events = asyncio.Event(), asyncio.Event()
        await asyncio.gather(without(*events), ordinary(*events))
        seen.append(("main", is_grad_enabled()))

    asyncio.run(main())
    assert sorted(seen) == [("after", True), ("main", True), ("ordinary", True), ("without", False)]


def test_many_tasks_interleaved_at_random():
    async def task(i):
        manager = (no_grad, enable_grad, inference_mode)[i % 3]
        for _ in range(5):
            with manager():
                await asyncio.sleep(0.001 * (i % 4))
                assert is_grad_enabled() is (manager is enable_grad)
                assert is_inference_mode_enabled() is (manager is inference_mode)
            await asyncio.sleep(0)
            assert is_grad_enabled() and not is_inference_mode_enabled()

    async def main():
        await asyncio.gather(*map(task, range(12)))

    asyncio.run(main())


def test_a_task_inherits_the_mode_it_was_created_in():
    async def child():
        return is_grad_enabled()

    async def main():
        with no_grad():
            task = asyncio.create_task(child())
        return await task, is_grad_enabled()

    assert asyncio.run(main()) == (False, True)


def test_a_cancelled_task_restores():
    async def stuck():
        with no_grad():
            await asyncio.sleep(60)

    async def main():
        task = asyncio.create_task(stuck())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return is_grad_enabled()

    assert asyncio.run(main())


# ---- what the modes do to tensors ----------------------------------------------------------------------------------------
def test_factories_and_flags_work_under_no_grad():
    with no_grad():
        x = torch.ones(2, requires_grad=True)
        y = torch.ones(2).requires_grad_()
    assert x.requires_grad and y.requires_grad


def test_views_made_under_no_grad():
    x = torch.ones(3, requires_grad=True)
    with no_grad():
        view, copy = x.view(3), x * 1
    assert view.requires_grad and view.is_leaf and view.grad_fn is None and view._is_view()
    assert not copy.requires_grad
    (view * 2).sum().backward()
    assert x.grad is None


def test_writing_to_a_leaf_under_no_grad():
    x = torch.ones(2, requires_grad=True)
    with no_grad():
        x.add_(1)
    assert x._version == 1 and x.requires_grad and x.tolist() == [2.0, 2.0]
    y = x * 2
    node = y.grad_fn
    with no_grad():
        y.mul_(3)
    assert y.grad_fn is node and y._version == 1


def test_backward_inside_no_grad():
    x = torch.ones(2, requires_grad=True)
    y = (x * 3).sum()
    with no_grad():
        y.backward()
    assert x.grad.tolist() == [3.0, 3.0]


def test_inference_tensors():
    x = torch.ones(2, requires_grad=True)
    with inference_mode():
        made, leaf, result = torch.ones(2), torch.ones(2, requires_grad=True), x * 2
        assert not (leaf * 2).requires_grad
        view_of_normal = x.view(2)
    assert made.is_inference() and leaf.is_inference() and leaf.requires_grad and result.is_inference()
    assert not x.is_inference() and not view_of_normal.is_inference()
    assert made.view(2).is_inference() and made.detach().is_inference() and not made.clone().is_inference()


def test_inference_tensors_outside():
    x = torch.ones(2, requires_grad=True)
    with inference_mode():
        made = torch.ones(2)
        view = torch.ones(2).mul(1)
        normal_view = x.detach().view(2)
    with pytest.raises(RuntimeError, match="Inference tensors do not track version counter."):
        made._version
    with pytest.raises(RuntimeError, match="Inplace update to inference tensor outside InferenceMode is not allowed"):
        made.add_(1)
    with pytest.raises(RuntimeError, match="Inference tensors cannot be saved for backward"):
        made * x
    for operation in (lambda: x * made, lambda: x.pow(made), lambda: torch.atan2(made, x)):
        with pytest.raises(RuntimeError, match="Inference tensors cannot be saved for backward"):
            operation().sum()
    assert (made + x).requires_grad
    with pytest.raises(RuntimeError, match="Setting requires_grad=True on inference tensor outside InferenceMode"):
        made.requires_grad_()
    with pytest.raises(RuntimeError, match="Setting requires_grad=True on inference tensor outside InferenceMode"):
        made.requires_grad = True
    normal_view.add_(1)  # its base needs no gradient
    assert view.is_inference()


def test_twins_of_inference_tensors_may_be_written_outside():
    with inference_mode():
        made = torch.ones(2)
        inside = made.detach()
    for twin in (made.detach(), made.data):
        assert twin.is_inference() and twin._version == 0
        twin.mul_(2)
        twin[0] = twin[1]
        assert twin._version == 2
        with pytest.raises(RuntimeError, match="Inplace update to inference tensor outside InferenceMode is not allowed"):
            twin.view(2).mul_(2)
    assert made.tolist() == [4.0, 4.0]
    with pytest.raises(RuntimeError, match="Inplace update to inference tensor outside InferenceMode is not allowed"):
        inside.mul_(2)


def test_view_of_a_normal_tensor_made_in_inference_mode():
    x = torch.ones(3, requires_grad=True) * 1
    with inference_mode():
        view = x.view(3)
        view.add_(1)
    with pytest.raises(RuntimeError, match="A view was created in inference mode and is being modified inplace in normal mode"):
        view.add_(1)
    assert x.tolist() == [2.0, 2.0, 2.0]


def test_inference_mode_false_restores_the_normal_mode():
    x = torch.ones(1, requires_grad=True)
    with inference_mode():
        with inference_mode(False):
            assert is_grad_enabled() and not is_inference_mode_enabled()
            assert (x * 2).requires_grad
        assert is_inference_mode_enabled()
    with no_grad(), inference_mode(False):
        assert is_grad_enabled()


def test_enable_grad_inside_inference_mode_records_nothing():
    x = torch.ones(1, requires_grad=True)
    with inference_mode(), enable_grad():
        assert is_grad_enabled()
        y = x * 2
    assert y.is_inference() and not y.requires_grad


def test_inference_mode_with_something_else_wraps_it():
    assert inference_mode(lambda: is_inference_mode_enabled())() is True


def test_write_under_no_grad_view_with_grad_on():
    x = torch.ones(3, requires_grad=True) * 1
    with no_grad():
        view = x.view(3)
        view.add_(1)
    with pytest.raises(RuntimeError, match="A view was created in no_grad mode and is being modified inplace with grad mode"):
        view.add_(1)
