"""What is said when a program asks for a part of PyTorch that pullback does not have.

A package that mirrors one of PyTorch's gives itself the hook in one line::

    __getattr__ = missing_names(__name__)

after which `torch.optim.Adafactor` and `from torch.optim import Adafactor` both fail with the name and the reason,
instead of with words about a module that the program never mentioned.
"""

import sys
from collections.abc import Callable, Collection
from importlib import import_module
from opcode import opmap
from types import FrameType
from typing import Any

OURS = "pullback"
THEIRS = "torch"
_IMPORT_FROM = opmap["IMPORT_FROM"]


def torch_spelling(module: str) -> str:
    """PyTorch's name for one of our modules: `pullback.nn.functional` becomes `torch.nn.functional`."""
    head, dot, rest = module.partition(".")
    return f"{THEIRS}{dot}{rest}" if head == OURS else module


def not_there_yet(name: str) -> str:
    """The sentence that ends every such error, for a full dotted name such as `torch.optim.Adafactor`."""
    return f"{name} is not there yet in pullback"


def missing_attribute(module: str, name: str) -> AttributeError:
    """The error for `module.name`, `module` being ours by name and `name` what was asked of it."""
    theirs = torch_spelling(module)
    return AttributeError(
        f"module '{theirs}' has no attribute '{name}': {not_there_yet(f'{theirs}.{name}')}",
        name=name,
        obj=sys.modules.get(module),
    )


def missing_import(module: str, name: str) -> ImportError:
    """The error for `from module import name`."""
    theirs = torch_spelling(module)
    text = f"cannot import name '{name}' from '{theirs}': {not_there_yet(f'{theirs}.{name}')}"
    return ImportError(text, name=theirs, path=getattr(sys.modules.get(module), "__file__", None))


def missing_module(module: str) -> ModuleNotFoundError:
    """The error for `import module`, `module` being in PyTorch's spelling."""
    return ModuleNotFoundError(f"No module named '{module}': {not_there_yet(module)}", name=module)


def missing_names(module: str, lazy: Collection[str] = ()) -> Callable[[str], Any]:
    """A module-level `__getattr__` for `module` that knows the submodules in `lazy`, and loads them on first use.

    Errors: of anything else, AttributeError for a plain look-up, ImportError where it comes from a `from` import.
    """

    def __getattr__(name: str) -> Any:
        if name in lazy:
            return import_module(f"{module}.{name}")
        raise error_for(module, name, sys._getframe(1))

    return __getattr__


def error_for(module: str, name: str, asker: FrameType) -> ImportError | AttributeError:
    """The error that fits how `name` was asked for by the code running in the frame `asker`.

    Python turns an AttributeError under a `from` import into an ImportError of its own wording, which speaks of the
    module's real name and not of the one in the program. So that case is told apart by the instruction being run.
    """
    if name.startswith("__"):  # the import system and others look for these as a matter of course
        return AttributeError(f"module '{module}' has no attribute '{name}'", name=name, obj=sys.modules.get(module))
    if asker.f_code.co_code[asker.f_lasti] == _IMPORT_FROM:
        return missing_import(module, name)
    return missing_attribute(module, name)
