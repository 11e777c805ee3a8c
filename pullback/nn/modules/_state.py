"""`state_dict` and `load_state_dict`: reading a module's tensors out by name and putting them back."""

from __future__ import annotations

import warnings
from collections import OrderedDict, namedtuple
from collections.abc import Callable, Mapping
from typing import Any

from ...graph import Tensor
from ...mode import no_grad
from ...utils.hooks import RemovableHandle
from ..parameter import Parameter
from ._traversal import Traversal

_EXTRA_STATE = "_extra_state"


class _IncompatibleKeys(namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])):
    """What `load_state_dict` returns: the keys the module lacked and the keys it did not know."""

    __slots__ = ()

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return super().__repr__()

    __str__ = __repr__


def _quoted(keys: list[str]) -> str:
    return ", ".join(f'"{key}"' for key in keys)


class State(Traversal):
    """The part of `Module` that saves and loads. Subclasses may override its underscored methods and extra state."""

    _version = 1

    def get_extra_state(self) -> Any:
        """Override to store one more object with the module's state. RuntimeError unless overridden."""
        raise RuntimeError(f"{type(self).__name__}.get_extra_state() was called, but the class does not define it")

    def set_extra_state(self, state: Any) -> None:
        """Override to take back what `get_extra_state` stored. RuntimeError unless overridden."""
        raise RuntimeError(f"{type(self).__name__}.set_extra_state() was called, but the class does not define it")

    def _overrides(self, name: str) -> bool:
        return getattr(type(self), name) is not getattr(State, name)

    # Saving

    def state_dict(
        self, *args: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False
    ) -> OrderedDict[str, Any]:
        """All parameters and persistent buffers of this module and those below it, by dotted name.

        The tensors share memory with the module's; they are detached unless `keep_vars`. Versions of the modules are in
        the attribute `_metadata`. `destination` and `prefix` are for modules that call it on their children.
        """
        if args:
            destination, prefix, keep_vars = _positional_arguments(args, destination, prefix, keep_vars)
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        local_metadata = {"version": self._version}
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = local_metadata
        for hook in self._state_dict_pre_hooks.values():
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=destination, prefix=prefix + name + ".", keep_vars=keep_vars)
        for hook in self._state_dict_hooks.values():
            result = hook(self, destination, prefix, local_metadata)
            if result is None:
                continue
            if getattr(hook, "_from_public_api", False):
                raise RuntimeError("state_dict post-hook must return None")
            destination = result
        return destination

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        """Write this module's own members (not its children's) to `destination`."""
        for name, param in self._parameters.items():
            if param is not None:
                destination[prefix + name] = param if keep_vars else param.detach()
        for name, buffer in self._buffers.items():
            if buffer is not None and name not in self._non_persistent_buffers_set:
                destination[prefix + name] = buffer if keep_vars else buffer.detach()
        if self._overrides("get_extra_state"):
            destination[prefix + _EXTRA_STATE] = self.get_extra_state()

    # Loading

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> _IncompatibleKeys:
        """Copy tensors from `state_dict` into this module's parameters and buffers, by dotted name.

        `assign=True` puts the given tensors in the place of the module's own instead of copying values. Returns the
        missing and the unexpected keys; with `strict`, any of them is an error. RuntimeError lists everything that is
        wrong at once; tensors that do fit have been loaded by then. TypeError if `state_dict` is not a mapping.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        metadata = getattr(state_dict, "_metadata", None)
        state = OrderedDict(state_dict)
        if metadata is not None:
            state._metadata = metadata
        missing: list[str] = []
        unexpected: list[str] = []
        errors: list[str] = []
        _load_tree(self, state, "", (metadata or {}, assign, missing, unexpected, errors))
        if strict:
            if unexpected:
                errors.insert(0, f"Unexpected key(s) in state_dict: {_quoted(unexpected)}. ")
            if missing:
                errors.insert(0, f"Missing key(s) in state_dict: {_quoted(missing)}. ")
        if errors:
            listed = "\n\t".join(errors)
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t{listed}")
        return _IncompatibleKeys(missing, unexpected)

    def _load_from_state_dict(
        self,
        state_dict: Any,
        prefix: str,
        local_metadata: dict,
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Load this module's own members (not its children's); problems are appended to the three lists."""
        for hook in self._load_state_dict_pre_hooks.values():
            hook(state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
        assign = local_metadata.get("assign_to_params_buffers", False)
        own = self._own_state()
        for name, current in own.items():
            key = prefix + name
            if key in state_dict:
                error = self._load_one(name, key, current, state_dict[key], assign)
                if error:
                    error_msgs.append(error)
            elif strict:
                missing_keys.append(key)
        self._load_extra_state(state_dict, prefix, strict, missing_keys, unexpected_keys)
        if strict:
            unexpected_keys.extend(key for key in state_dict if self._is_unexpected(key, prefix, own))

    def _own_state(self) -> dict[str, Tensor]:
        skip = self._non_persistent_buffers_set
        members = [*self._parameters.items(), *((n, b) for n, b in self._buffers.items() if n not in skip)]
        return {name: value for name, value in members if value is not None}

    def _load_one(self, name: str, key: str, current: Tensor, given: Any, assign: bool) -> str | None:
        """Load one tensor; returns the error text if it cannot be done."""
        if not isinstance(given, Tensor):
            return (
                f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object from '
                f"checkpoint but received {type(given)}"
            )
        if current.dim() == 0 and given.dim() == 1:
            given = given[0]  # scalars were stored with one dimension before there were zero-dimensional tensors
        if given.shape != current.shape:
            return (
                f"size mismatch for {key}: copying a param with shape {given.shape} from checkpoint, "
                f"the shape in current model is {current.shape}."
            )
        try:
            with no_grad():
                if assign:
                    setattr(self, name, _in_place_of(current, given))
                else:
                    current.copy_(given)
        except Exception as error:
            return (
                f'While copying the parameter named "{key}", whose dimensions in the model are {current.size()} and '
                f"whose dimensions in the checkpoint are {given.size()}, an exception occurred : {error.args}."
            )
        return None

    def _load_extra_state(
        self, state_dict: Any, prefix: str, strict: bool, missing_keys: list[str], unexpected_keys: list[str]
    ) -> None:
        key = prefix + _EXTRA_STATE
        if self._overrides("set_extra_state"):
            if key in state_dict:
                self.set_extra_state(state_dict[key])
            elif strict:
                missing_keys.append(key)
        elif strict and key in state_dict:
            unexpected_keys.append(key)

    def _is_unexpected(self, key: str, prefix: str, own: dict[str, Tensor]) -> bool:
        if not key.startswith(prefix) or key == prefix + _EXTRA_STATE:
            return False
        first, dot, _ = key[len(prefix) :].partition(".")
        return first not in (self._modules if dot else own)

    # Hooks

    def _register_state_dict_hook(self, hook: Callable) -> RemovableHandle:
        """`hook(module, state_dict, prefix, local_metadata)` after saving; what it returns replaces the dict."""
        if getattr(hook, "_from_public_api", False):
            raise RuntimeError(
                "Cannot register the same function as the state dict post hook that was previously registered via "
                "register_state_dict_post_hook"
            )
        return _register(self._state_dict_hooks, hook)

    def register_state_dict_post_hook(self, hook: Callable) -> RemovableHandle:
        """`hook(module, state_dict, prefix, local_metadata)` runs after saving and may change `state_dict` in place."""
        hook._from_public_api = True
        return _register(self._state_dict_hooks, hook)

    def register_state_dict_pre_hook(self, hook: Callable) -> RemovableHandle:
        """`hook(module, prefix, keep_vars)` runs before this module's members are saved."""
        return _register(self._state_dict_pre_hooks, hook)

    def _register_load_state_dict_pre_hook(self, hook: Callable, with_module: bool = False) -> RemovableHandle:
        """`hook(state_dict, prefix, local_metadata, strict, missing, unexpected, errors)` runs before loading."""
        return _register(self._load_state_dict_pre_hooks, _BoundHook(hook, self) if with_module else hook)

    def register_load_state_dict_pre_hook(self, hook: Callable) -> RemovableHandle:
        """`hook(module, state_dict, prefix, local_metadata, strict, missing, unexpected, errors)` before loading."""
        return self._register_load_state_dict_pre_hook(hook, with_module=True)

    def register_load_state_dict_post_hook(self, hook: Callable) -> RemovableHandle:
        """`hook(module, incompatible_keys)` runs after this module has loaded and may edit the two lists in place."""
        return _register(self._load_state_dict_post_hooks, hook)


class _BoundHook:
    """A hook with its module as first argument. It can be pickled and copied together with the module."""

    def __init__(self, hook: Callable, module: State) -> None:
        self.hook = hook
        self.module = module

    def __call__(self, *args: Any) -> Any:
        return self.hook(self.module, *args)


def _register(hooks: dict, hook: Callable) -> RemovableHandle:
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    return handle


def _in_place_of(current: Tensor, given: Tensor) -> Tensor:
    """`given`, made a parameter like `current` if that is one."""
    if not isinstance(current, Parameter):
        return given
    if isinstance(given, Parameter):
        return given.requires_grad_(current.requires_grad)
    return Parameter(given, requires_grad=current.requires_grad)


def _load_tree(module: State, state: Any, prefix: str, report: tuple) -> None:
    """Load `module` and its children, each with the part of the state whose keys start with its own prefix."""
    metadata, assign, missing, unexpected, errors = report
    local_metadata = metadata.get(prefix[:-1], {})
    if assign:
        local_metadata["assign_to_params_buffers"] = assign
    module._load_from_state_dict(state, prefix, local_metadata, True, missing, unexpected, errors)
    for name, child in module._modules.items():
        if child is not None:
            child_prefix = prefix + name + "."
            part = OrderedDict((key, value) for key, value in state.items() if key.startswith(child_prefix))
            _load_tree(child, part, child_prefix, report)
    incompatible = _IncompatibleKeys(missing, unexpected)
    for hook in module._load_state_dict_post_hooks.values():
        if hook(module, incompatible) is not None:
            raise AssertionError(
                "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to return new values, "
                "if incompatible_keys need to be modified, it should be done inplace."
            )


def _positional_arguments(args: tuple, destination: Any, prefix: str, keep_vars: bool) -> tuple:
    warnings.warn(
        "Positional args are being deprecated, use kwargs instead. Refer to https://pytorch.org/docs/main/generated/"
        "torch.nn.Module.html#torch.nn.Module.state_dict for details.",
        FutureWarning,
        stacklevel=3,
    )
    given = dict(zip(("destination", "prefix", "keep_vars"), args, strict=False))
    # A keyword that differs from its default wins over a position, as in torch.
    return (
        given.get("destination") if destination is None else destination,
        given.get("prefix", "") if prefix == "" else prefix,
        given.get("keep_vars", False) if keep_vars is False else keep_vars,
    )
