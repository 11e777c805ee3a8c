"""How a module takes hold of parameters, buffers and submodules: attribute access and the `register_*` methods."""

from __future__ import annotations

from typing import Any

from ...graph import Tensor
from ...utils.naming import typename
from ..parameter import Buffer, Parameter


def _check_name(kind: str, name: Any, dot: str) -> None:
    if not isinstance(name, str):
        raise TypeError(f"{kind} name should be a string. Got {typename(name)}")
    if "." in name:
        raise KeyError(dot)
    if name == "":
        raise KeyError(f'{kind} name can\'t be empty string ""')


def _forget(name: str, *places: Any) -> None:
    """Drop `name` wherever else it is registered, so that one name means one thing."""
    for place in places:
        if place is None:
            continue
        if isinstance(place, set):
            place.discard(name)
        else:
            place.pop(name, None)


class Member:
    """Marks on a class that its instances register a member of this name, and finds it there without `__getattr__`.

    Only a shortcut: an attribute of the instance itself comes first, as everywhere in Python.
    """

    __slots__ = ("name",)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, module: Any, owner: type | None = None) -> Any:
        if module is None:
            raise AttributeError(f"type object '{owner.__name__}' has no attribute '{self.name}'")
        try:
            return module.__dict__["_parameters"][self.name]
        except KeyError:
            return module.__getattr__(self.name)


class Registration:
    """The part of `Module` that registers members and finds them again. Not for use on its own."""

    training: bool

    def __getattr__(self, name: str) -> Any:
        # Called only when ordinary lookup fails, which it does for every registered member.
        d = self.__dict__
        if "_parameters" in d:
            members = d["_parameters"]
            if name in members:
                return members[name]
            members = d["_buffers"]
            if name in members:
                return members[name]
            members = d["_modules"]
            if name in members:
                return members[name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __setattr__(self, name: str, value: Any) -> None:
        d = self.__dict__
        if isinstance(value, Parameter):
            self._set_parameter(d, name, value)
        elif name in d.get("_parameters", ()):
            if value is not None:
                raise TypeError(
                    f"cannot assign '{typename(value)}' as parameter '{name}' (torch.nn.Parameter or None expected)"
                )
            self.register_parameter(name, None)
        elif isinstance(value, Registration):
            self._set_module(d, name, value)
        elif name in d.get("_modules", ()):
            if value is not None:
                raise TypeError(
                    f"cannot assign '{typename(value)}' as child module '{name}' (torch.nn.Module or None expected)"
                )
            d["_modules"][name] = None
        elif isinstance(value, Buffer) or name in d.get("_buffers", ()):
            self._set_buffer(d, name, value)
        else:
            object.__setattr__(self, name, value)

    def _set_parameter(self, d: dict, name: str, value: Parameter) -> None:
        if "_parameters" not in d:
            raise AttributeError("cannot assign parameters before Module.__init__() call")
        _forget(name, d, d["_buffers"], d["_modules"], d["_non_persistent_buffers_set"])
        self.register_parameter(name, value)

    def _set_module(self, d: dict, name: str, value: Registration) -> None:
        if "_modules" not in d:
            raise AttributeError("cannot assign module before Module.__init__() call")
        _forget(name, d, d["_parameters"], d["_buffers"], d["_non_persistent_buffers_set"])
        d["_modules"][name] = value

    def _set_buffer(self, d: dict, name: str, value: Any) -> None:
        if value is not None and not isinstance(value, Tensor):
            raise TypeError(
                f"cannot assign '{typename(value)}' as buffer '{name}' "
                "(torch.nn.Buffer, torch.Tensor or None expected)"
            )
        if isinstance(value, Buffer):
            persistent = value.persistent
        else:
            persistent = name not in d["_non_persistent_buffers_set"]
        if persistent:
            # Without the flag, so that a subclass whose register_buffer() does not take it keeps working.
            self.register_buffer(name, value)
        else:
            self.register_buffer(name, value, False)

    def __delattr__(self, name: str) -> None:
        d = self.__dict__
        for kind in ("_parameters", "_buffers", "_modules"):
            if name in d.get(kind, ()):
                del d[kind][name]
                if kind == "_buffers":
                    d["_non_persistent_buffers_set"].discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        names = [*dir(type(self)), *self.__dict__, *self._parameters, *self._modules, *self._buffers]
        return sorted({name for name in names if not name[0].isdigit()})

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter under `name`; `None` reserves the name and keeps it out of `state_dict`.

        TypeError if `param` is not a Parameter, KeyError for a name that is empty, dotted or taken, AttributeError
        before `Module.__init__`.
        """
        d = self.__dict__
        if "_parameters" not in d:
            raise AttributeError("cannot assign parameter before Module.__init__() call")
        _check_name("parameter", name, 'parameter name can\'t contain "."')
        if name not in d["_parameters"] and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{typename(param)}' object to parameter '{name}' "
                "(torch.nn.Parameter or None required)"
            )
        if param is not None and param.grad_fn is not None:
            raise ValueError(
                f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created explicitly. "
                f"To express '{name}' as a function of another Tensor, compute the value in the forward() method."
            )
        d["_parameters"][name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a tensor that moves and is saved with the module but is not trained.

        `persistent=False` keeps it out of `state_dict`. `None` reserves the name. TypeError if `tensor` is neither a
        tensor nor None, KeyError for a name that is empty, dotted or taken, AttributeError before `Module.__init__`.
        """
        d = self.__dict__
        if "_buffers" not in d:
            raise AttributeError("cannot assign buffer before Module.__init__() call")
        _check_name("buffer", name, 'buffer name can\'t contain "."')
        if name not in d["_buffers"] and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{typename(tensor)}' object to buffer '{name}' (torch Tensor or None required)"
            )
        d["_buffers"][name] = tensor
        if persistent:
            d["_non_persistent_buffers_set"].discard(name)
        else:
            d["_non_persistent_buffers_set"].add(name)

    def add_module(self, name: str, module: Any) -> None:
        """Add a child module under `name`, reachable as an attribute; `None` reserves the name.

        TypeError if `module` is not a Module, KeyError for a name that is empty, dotted or taken.
        """
        if module is not None and not isinstance(module, Registration):
            raise TypeError(f"{typename(module)} is not a Module subclass")
        if not isinstance(name, str):
            raise TypeError(f"module name should be a string. Got {typename(name)}")
        if name not in self._modules and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")
        _check_name("module", name, f'module name can\'t contain ".", got: {name}')
        self._modules[name] = module

    def register_module(self, name: str, module: Any) -> None:
        """The same as `add_module`."""
        self.add_module(name, module)
