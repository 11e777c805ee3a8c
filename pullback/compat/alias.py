"""Makes `import torch` mean pullback, one module object under two names.

After `install()`, `torch is pullback` and `torch.nn.functional is pullback.nn.functional`: nothing is loaded twice, so
classes keep their identity whichever name they were reached by. A module of PyTorch's that pullback lacks fails to
import with an error that names it. Other packages, `torchvision` among them, are not touched.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

from ..missing import OURS, THEIRS, missing_module


class _Loader:
    """Hands the import system a module that already exists."""

    def __init__(self, target: str) -> None:
        self.target = target

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(self.target)
        self.own_spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.own_spec  # the import system has just put the alias's in its place


class _Finder:
    """Answers for `torch` and everything below it, ahead of any PyTorch that is installed."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        head, dot, rest = name.partition(".")
        if head != THEIRS:
            return None
        ours = f"{OURS}{dot}{rest}"
        if find_spec(ours) is not None:
            return ModuleSpec(name, _Loader(ours))  # type: ignore[arg-type]
        if _is_importing():
            raise missing_module(name)
        return None


def _is_importing() -> bool:
    """Whether the finder is asked for an import, and not by `importlib.util.find_spec`, which wants None for an answer.

    The frames are: this one, the finder's, the import system's loop over the finders, and the one that wants to know.
    """
    return sys._getframe(3).f_code.co_name != "find_spec"


_finder = _Finder()


def install() -> None:
    """Make `torch` and its submodules resolve to pullback from here on. Doing it twice is harmless.

    Errors: RuntimeError if PyTorch itself has been imported in this process already.
    """
    loaded = sys.modules.get(THEIRS)
    if loaded is not None and loaded is not sys.modules.get(OURS):
        raise RuntimeError(
            f"torch is already imported, from {getattr(loaded, '__file__', 'somewhere else')}. "
            "The alias has to be installed before the first `import torch`."
        )
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def uninstall() -> None:
    """Undo `install()`: forget the second names. Modules that hold a reference keep it."""
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
        for name in [name for name in sys.modules if name.partition(".")[0] == THEIRS]:
            del sys.modules[name]
