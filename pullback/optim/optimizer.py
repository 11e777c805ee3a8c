"""The base of all optimizers: parameter groups, state, and saving both.

Updates are written with NumPy on the tensors' arrays, in place: nothing is recorded and little is allocated. `arrays`
is the one door to them, and `advance` the one place where a step counter is read, so that a traced step works too.
"""

from __future__ import annotations

import functools
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from itertools import chain
from typing import Any

import numpy as np

from ..dtypes import float32
from ..factories import tensor
from ..graph import Tensor
from ..mode import current_mode, enable_grad, no_grad, settled
from ..utils.hooks import RemovableHandle
from ..utils.naming import typename

__all__ = ["Optimizer", "register_optimizer_step_post_hook", "register_optimizer_step_pre_hook"]

_global_pre_hooks: OrderedDict[int, Callable] = OrderedDict()
_global_post_hooks: OrderedDict[int, Callable] = OrderedDict()


class _RequiredParameter:
    """Marks an option without a default: every parameter group must bring its own."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = _RequiredParameter()


def arrays(tensors: Iterable[Tensor]) -> list[Any]:
    """The arrays behind the tensors, to be read and written directly; complex numbers as pairs of reals."""
    tracer = settled().tracer
    if tracer is not None:
        return [_writable(a) if a.dtype.kind == "c" else a for a in map(tracer.lift, tensors)]
    return [a if a.ndim and a.dtype.kind != "c" else _writable(a) for a in [t._array for t in tensors]]


def _writable(array: Any) -> Any:
    """A view that ufuncs can write to and that is real: one-dimensional, with complex numbers as pairs."""
    if not array.flags.c_contiguous:
        raise ValueError("optimizers need complex parameters and gradients to be contiguous")
    return array.reshape(-1).view(array.real.dtype)


def advance(step: Tensor) -> Any:
    """Add one to a step counter and return it: a number, or, under tracing, the counter's array."""
    tracer = current_mode().tracer
    if tracer is not None:
        array = tracer.lift(step)
        array += 1
        return array
    array = step._array
    value = float(array) + 1.0
    array[...] = value
    return value


def exact(number: float) -> Any:
    """`number` so that its power to a step counter is taken in double precision, also where that is an array."""
    return number if current_mode().tracer is None else np.float64(number)


def scalar(value: Any) -> Any:
    """An option that may be a number or a one-element tensor, ready for arithmetic with arrays."""
    if not isinstance(value, Tensor):
        return value
    tracer = current_mode().tracer
    return value.item() if tracer is None else tracer.lift(value).reshape(())


def _run_hooked(step: Callable[..., Any]) -> Callable[..., Any]:
    """`step` with the optimizer's and the global hooks around it, without recording."""

    @functools.wraps(step)
    def hooked(*args: Any, **kwargs: Any) -> Any:
        self = args[0]
        for hook in chain(_global_pre_hooks.values(), self._optimizer_step_pre_hooks.values()):
            changed = hook(self, args, kwargs)
            if changed is None:
                continue
            if not (isinstance(changed, tuple) and len(changed) == 2):
                raise RuntimeError(
                    f"{step} must return None or a tuple of (new_args, new_kwargs), but got {changed}."
                )
            args, kwargs = changed
        tracer = current_mode().tracer
        if tracer is not None:  # a compiled step is good for the options it was traced with
            tracer.guard(functools.partial(_options, self.param_groups))
        result = step(*args, **kwargs)
        for hook in chain(self._optimizer_step_post_hooks.values(), _global_post_hooks.values()):
            hook(self, args, kwargs)
        return result

    hooked.hooked = True
    return hooked


def _options(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The options of all groups that are no tensors."""
    return [{k: v for k, v in group.items() if k != "params" and not isinstance(v, Tensor)} for group in groups]


class Optimizer:
    """Base of the optimizers. Subclasses give defaults for their options and define `step`.

    `params` is an iterable of tensors, of `(name, tensor)` pairs, or of dicts with a key 'params' and options of their
    own. `param_groups` and `state` may be read and changed by anyone. TypeError if `params` is no such thing,
    ValueError if it is empty, holds a tensor twice or one that is not a leaf.
    """

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self._make_hook_tables()
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                + typename(params)
            )
        self.state: defaultdict[Any, Any] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def _make_hook_tables(self) -> None:
        names = ("step_pre", "step_post", "state_dict_pre", "state_dict_post")
        names += ("load_state_dict_pre", "load_state_dict_post")
        for name in names:
            self.__dict__.setdefault(f"_optimizer_{name}_hooks", OrderedDict())
        # Whatever class the object has, its step must run the hooks.
        step = type(self).step
        if not getattr(step, "hooked", False):
            type(self).step = _run_hooked(step)

    def __getstate__(self) -> dict[str, Any]:
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._make_hook_tables()
        self.defaults.setdefault("differentiable", False)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join(lines) + "\n)"

    # Parameter groups

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a dict with a key 'params' (a tensor, or a list of tensors or of pairs) and any options.

        TypeError for a set, for what is not a dict and for members that are no tensors; ValueError for tensors that are
        not leaves or belong to a group already.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        _separate_names(param_group)
        for param in param_group["params"]:
            self._check_param(param)
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {name}")
            param_group.setdefault(name, default)
        self._check_group(param_group)
        self.param_groups.append(param_group)

    def _check_param(self, param: Any) -> None:
        if not isinstance(param, Tensor):
            raise TypeError("optimizer can only optimize Tensors, but one of the params is " + typename(param))
        if not self.defaults.get("differentiable") and not (param.is_leaf or param.retains_grad):
            raise ValueError("can't optimize a non-leaf Tensor")

    def _check_group(self, group: dict[str, Any]) -> None:
        ids = [id(param) for param in group["params"]]
        if len(ids) != len(set(ids)):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; "
                "see github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=4,
            )
        for other in self.param_groups:
            if ("param_names" in group) != ("param_names" in other):
                which = "with names" if "param_names" in group else "without names"
                raise ValueError(
                    "all optimizer param groups should be with/without names. "
                    f"cannot add param group {which} to the optimizer"
                )
        taken = {id(param) for other in self.param_groups for param in other["params"]}
        if not taken.isdisjoint(ids):
            raise ValueError("some parameters appear in more than one parameter group")

    # Steps

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop the gradients of all parameters, or fill them with zeros if `set_to_none` is false."""
        for group in self.param_groups:
            for param in group["params"]:
                if set_to_none:
                    param.grad = None
                elif param.grad is not None:
                    if param.grad.grad_fn is not None:
                        param.grad.detach_()
                    else:
                        param.grad.requires_grad_(False)
                    param.grad.zero_()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update the parameters from their gradients. Every subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__} does not define step()")

    def register_step_pre_hook(self, hook: Callable) -> RemovableHandle:
        """`hook(optimizer, args, kwargs)` runs before each step and may return new `(args, kwargs)`."""
        return _register(self._optimizer_step_pre_hooks, hook)

    def register_step_post_hook(self, hook: Callable) -> RemovableHandle:
        """`hook(optimizer, args, kwargs)` runs after each step."""
        return _register(self._optimizer_step_post_hooks, hook)

    # Saving and loading

    def state_dict(self) -> dict[str, Any]:
        """`{'state': ..., 'param_groups': ...}`, parameters numbered in order; tensors are not copied."""
        for hook in self._optimizer_state_dict_pre_hooks.values():
            hook(self)
        number: dict[int, int] = {}
        groups = []
        for group in self.param_groups:
            packed = {key: value for key, value in group.items() if key != "params"}
            packed["params"] = [number.setdefault(id(param), len(number)) for param in group["params"]]
            groups.append(packed)
        state = {number[id(k)] if isinstance(k, Tensor) else k: v for k, v in self.state.items()}
        result = {"state": state, "param_groups": groups}
        for hook in self._optimizer_state_dict_post_hooks.values():
            changed = hook(self, result)
            result = result if changed is None else changed
        return result

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over state and options from a `state_dict()`. State is cast to the dtype of its parameter.

        ValueError if the groups do not match in number or size.
        """
        with no_grad():
            self._load_state_dict(state_dict)

    def _load_state_dict(self, state_dict: dict[str, Any]) -> None:
        state_dict = state_dict.copy()
        for hook in self._optimizer_load_state_dict_pre_hooks.values():
            changed = hook(self, state_dict)
            state_dict = state_dict if changed is None else changed
        groups, saved = self.param_groups, deepcopy(state_dict["param_groups"])
        if len(groups) != len(saved):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(a["params"]) != len(b["params"]) for a, b in zip(groups, saved, strict=True)):
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
            )
        numbers = chain.from_iterable(group["params"] for group in saved)
        params = chain.from_iterable(group["params"] for group in groups)
        by_number = dict(zip(numbers, params, strict=True))
        own: defaultdict[Any, Any] = defaultdict(dict)
        for key, value in state_dict["state"].items():
            if key in by_number:
                own[by_number[key]] = _cast(by_number[key], value)
            else:
                own[key] = value
        for group, loaded in zip(groups, saved, strict=True):
            loaded["params"] = group["params"]
            if "param_names" in group:
                loaded.setdefault("param_names", group["param_names"])
        self.__setstate__({"state": own, "param_groups": saved})
        for hook in self._optimizer_load_state_dict_post_hooks.values():
            hook(self)

    def register_state_dict_pre_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """`hook(optimizer)` runs before `state_dict()`."""
        return _register(self._optimizer_state_dict_pre_hooks, hook, prepend)

    def register_state_dict_post_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """`hook(optimizer, state_dict)` runs after `state_dict()` and may return another dict."""
        return _register(self._optimizer_state_dict_post_hooks, hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """`hook(optimizer, state_dict)` runs before `load_state_dict()` and may return another dict."""
        return _register(self._optimizer_load_state_dict_pre_hooks, hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """`hook(optimizer)` runs after `load_state_dict()`."""
        return _register(self._optimizer_load_state_dict_post_hooks, hook, prepend)


def run_closure(closure: Callable[[], Any] | None) -> Any:
    """The loss that the closure computes, with gradients enabled; None without a closure."""
    if closure is None:
        return None
    with enable_grad():
        return closure()


def check_flags(foreach: bool | None, differentiable: bool, fused: bool | None) -> None:
    """Refuse what torch refuses, and recorded updates, which are not there. `foreach` and `fused` change nothing."""
    if fused and differentiable:
        raise RuntimeError("`fused` does not support `differentiable`")
    if fused and foreach:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
    if differentiable:
        raise RuntimeError(
            "differentiable=True asks for updates that are recorded in the graph, and these optimizers write their "
            "parameters without recording. Write the update with tensor operations to differentiate through it."
        )


def counter_of(state: dict[str, Any]) -> None:
    """Make the step counter of a state the tensor it is now; old files have a number."""
    if "step" in state and not isinstance(state["step"], Tensor):
        state["step"] = tensor(float(state["step"]), dtype=float32)


def _separate_names(group: dict[str, Any]) -> None:
    """Make `group['params']` a list of tensors, with 'param_names' beside it if it held pairs."""
    params = group["params"]
    if isinstance(params, set):
        raise TypeError(
            "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
            "will change between runs. Please use a list instead."
        )
    params = [params] if isinstance(params, Tensor) else list(params)
    names = [param[0] for param in params if isinstance(param, tuple)]
    if names:
        if len(names) != len(params):
            raise ValueError("all optimizer params should be with/without names. Some param names are missing")
        group["param_names"] = names
    group["params"] = [param[1] if isinstance(param, tuple) else param for param in params]


def _cast(param: Tensor, value: Any, key: Any = None) -> Any:
    """Loaded state in the dtype of its parameter; step counters stay as they are."""
    if isinstance(value, Tensor):
        return value.to(param.dtype) if key != "step" and param.is_floating_point() else value
    if isinstance(value, Mapping):
        return {k: _cast(param, v, k) for k, v in value.items()}
    if isinstance(value, (list, tuple, set)):
        return type(value)(_cast(param, v) for v in value)
    return value


def _register(hooks: OrderedDict, hook: Callable, prepend: bool = False) -> RemovableHandle:
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


def register_optimizer_step_pre_hook(hook: Callable) -> RemovableHandle:
    """`hook(optimizer, args, kwargs)` runs before each step of every optimizer."""
    return _register(_global_pre_hooks, hook)


def register_optimizer_step_post_hook(hook: Callable) -> RemovableHandle:
    """`hook(optimizer, args, kwargs)` runs after each step of every optimizer."""
    return _register(_global_post_hooks, hook)
