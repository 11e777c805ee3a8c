"""Modules as functions of their parameters: `functional_call`, and `stack_module_state` for ensembles."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..graph import Tensor
from ..ops import stack

if TYPE_CHECKING:
    import pullback as torch
    from pullback import nn


def functional_call(
    module: torch.nn.Module,
    parameter_and_buffer_dicts: dict[str, Tensor] | Sequence[dict[str, Tensor]],
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Call `module` with other tensors in place of its parameters and buffers, by their dotted names.

    `parameter_and_buffer_dicts`: a dict, or several whose names differ; what is not named stays the module's own. Names of one
    shared tensor go together unless `tie_weights` is False. `args`: a tuple of arguments, or the only one. What the call
    assigns to the module's buffers is found in the dict afterwards.

    Raises ValueError on names given twice, and, if `strict`, RuntimeError on names that are missing or unknown.
    """
    given = _merged(parameter_and_buffer_dicts)
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    values = dict(given)
    if tie_weights:
        values |= _ties(module, given)
    if strict:
        _check_names(module, values)
    places = [(*_place(module, name), name) for name in values]
    with _replaced(places, values, given):
        return module(*args, **(kwargs or {}))


def _merged(dicts):
    if isinstance(dicts, dict):
        return dicts
    if not isinstance(dicts, (list, tuple)):
        raise ValueError("Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got "
                         f"{type(dicts)}")
    if not all(isinstance(one, dict) for one in dicts):
        raise ValueError("Expected all elements of parameter_and_buffer_dicts to be dictionaries")
    names = [name for one in dicts for name in one]
    repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if repeated:
        raise ValueError(f"{repeated} appeared in multiple dictionaries; behavior of functional call is ambiguous")
    return {name: value for one in dicts for name, value in one.items()}


def _members(module):
    """All parameters and buffers by name, shared ones under each."""
    return [*module.named_parameters(remove_duplicate=False), *module.named_buffers(remove_duplicate=False)]


def _ties(module, given):
    """The values of those names whose tensor has another name that was given."""
    tied = {}
    for name, tensor in _members(module):
        tied.setdefault(id(tensor), []).append(name)
    values = {}
    for names in tied.values():
        found = [name for name in names if name in given]
        if len({id(given[name]) for name in found}) > 1:
            raise ValueError(f"functional_call got multiple values for keys {sorted(names)}, which are tied. Consider using "
                             "tie_weights=False")
        values.update(dict.fromkeys(names, given[found[0]]) if found else {})
    return values


def _check_names(module, values):
    own = dict(_members(module))
    lines = [f"{what} key(s): " + ", ".join(f"'{name}'" for name in names) + "." for what, names in (
        ("Unexpected", [name for name in values if name not in own]),
        ("Missing", [name for name in own if name not in values])) if names]
    if lines:
        raise RuntimeError(f"Error(s) in reparametrizing for {type(module).__name__}:\n\t" + "\n\t".join(lines))


def _place(module, name):
    """The module and the name in it that a dotted name means. Raises AttributeError if there is no such module."""
    *path, last = name.split(".")
    for part in path:
        if part not in module._modules:
            raise AttributeError(f"{type(module).__name__} has no attribute `{part}`")
        module = module._modules[part]
    return module, last


@contextmanager
def _replaced(places, values, given):
    before = []
    try:
        for module, last, name in places:
            value = values[name]
            if not isinstance(value, Tensor) and value is not None:
                raise TypeError(f"{value} is not an instance of torch.Tensor")
            table = _table(module, last)
            before.append((table, last, name, table.get(last, _NOTHING)))
            table[last] = value
        yield
    finally:
        for table, last, name, old in reversed(before):
            if name in given:
                given[name] = table.get(last, given[name])
            if old is _NOTHING:
                table.pop(last, None)
            else:
                table[last] = old


_NOTHING = object()


def _table(module, name):
    """Where the module keeps the member of this name."""
    return next((table for table in (module._parameters, module._buffers) if name in table), module.__dict__)


def stack_module_state(models: Sequence[nn.Module] | nn.ModuleList) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters and the buffers of several models of one class, each stacked to one tensor: two dicts by name.

    With `functional_call` under `vmap` they make an ensemble. Raises RuntimeError if there is no model, or if the models differ
    in class, training mode or `requires_grad`.
    """
    if len(models) == 0:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if not (all(model.training for model in models) or all(not model.training for model in models)):
        raise RuntimeError("stack_module_state: Expected all models to have the same training/eval mode.")
    if not all(type(model) is type(models[0]) for model in models):
        raise RuntimeError("stack_module_state: Expected all models to be of the same class.")
    return tuple([{name: _stacked(name, [dict(members)[name] for members in found]) for name, _ in found[0]}
                  for found in ([list(model.named_parameters()) for model in models],
                                [list(model.named_buffers()) for model in models])])


def _stacked(name, tensors):
    needed = tensors[0].requires_grad
    if not all(tensor.requires_grad == needed for tensor in tensors):
        raise RuntimeError(f"Expected {name} from each model to have the same .requires_grad")
    if not needed:
        return stack(tensors)
    return stack([tensor.detach() for tensor in tensors]).requires_grad_()


def replace_all_batch_norm_modules_(root: torch.nn.Module) -> torch.nn.Module:
    """Let all batch normalisations in `root` do without running statistics, as they cannot be kept under `vmap`."""
    for module in root.modules():
        if any(kind.__name__ == "_BatchNorm" for kind in type(module).__mro__):
            module.running_mean = module.running_var = module.num_batches_tracked = None
            module.track_running_stats = False
    return root
