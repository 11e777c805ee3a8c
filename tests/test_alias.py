"""`import torch` under the alias: the same modules, and clear words about what is missing."""

import importlib
import subprocess
import sys
import textwrap

import pytest


def run(code, *, expect=0):
    """Run `code` in a fresh interpreter with the alias installed, and return what it printed."""
    program = "from pullback.compat import alias\nalias.install()\n" + textwrap.dedent(code)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout


def test_every_spelling_is_the_same_module():
    run("""
        import torch
        import torch.nn as nn
        import torch.nn.functional as F
        from torch import optim
        from torch.utils.data import DataLoader, TensorDataset
        from torch.autograd import Variable
        import pullback
        import pullback.utils.data
        assert torch is pullback and nn is pullback.nn and F is pullback.nn.functional and optim is pullback.optim
        assert DataLoader is pullback.utils.data.DataLoader and Variable is pullback.autograd.Variable
    """)


def test_nothing_is_loaded_twice():
    run("""
        import sys
        import torch, torch.nn.functional, torch.optim, torch.utils.data
        by_file = {}
        for name, module in sys.modules.items():
            path = getattr(module, "__file__", None)
            if path and "pullback" in path:
                assert by_file.setdefault(path, module) is module, name
        assert all(module.__name__.startswith("pullback") for name, module in sys.modules.items()
                   if name.split(".")[0] == "torch")
    """)


def test_modules_keep_their_own_identity():
    run("""
        import torch.nn.functional, pullback
        assert pullback.__spec__.name == "pullback" and pullback.__name__ == "pullback"
        assert torch.nn.functional.__spec__.name == "pullback.nn.functional"
        assert torch.nn.functional.__spec__._initializing is False
    """)


def test_importlib_sees_it_too():
    run("""
        import importlib, importlib.util
        import pullback
        assert importlib.import_module("torch.nn") is pullback.nn
        assert importlib.util.find_spec("torch.optim") is not None
        assert importlib.util.find_spec("torch.nosuch") is None
    """)


@pytest.mark.parametrize(
    ("statement", "kind", "text"),
    [
        (
            "import torch.nosuch",
            "ModuleNotFoundError",
            "No module named 'torch.nosuch': torch.nosuch is not there yet in pullback",
        ),
        (
            "import torch.nn.nosuch.deeper as d",
            "ModuleNotFoundError",
            "No module named 'torch.nn.nosuch': torch.nn.nosuch is not there yet in pullback",
        ),
        (
            "from torch.nosuch import name",
            "ModuleNotFoundError",
            "No module named 'torch.nosuch': torch.nosuch is not there yet in pullback",
        ),
        (
            "from torch import nosuch",
            "ImportError",
            "cannot import name 'nosuch' from 'torch': torch.nosuch is not there yet in pullback",
        ),
        (
            "from torch.nn.functional import nosuch",
            "ImportError",
            "cannot import name 'nosuch' from 'torch.nn.functional': "
            "torch.nn.functional.nosuch is not there yet in pullback",
        ),
        (
            "from torch.optim import SGD, nosuch",
            "ImportError",
            "cannot import name 'nosuch' from 'torch.optim': torch.optim.nosuch is not there yet in pullback",
        ),
        (
            "import torch; torch.nosuch",
            "AttributeError",
            "module 'torch' has no attribute 'nosuch': torch.nosuch is not there yet in pullback",
        ),
        (
            "import torch; torch.nn.nosuch(3)",
            "AttributeError",
            "module 'torch.nn' has no attribute 'nosuch': torch.nn.nosuch is not there yet in pullback",
        ),
    ],
)
def test_what_is_missing_is_named(statement, kind, text):
    out = run(f"""
        try:
            exec({statement!r})
        except (ImportError, AttributeError) as error:
            print(type(error).__name__)
            print(error)
    """)
    assert out.splitlines() == [kind, text]


def test_probing_for_a_missing_name_stays_quiet():
    run("""
        import torch
        assert not hasattr(torch, "nosuch") and getattr(torch.nn, "nosuch", None) is None
        try:
            from torch import nosuch
        except ImportError as error:
            assert error.name == "torch"
    """)


def test_other_packages_are_left_alone():
    out = run("""
        try:
            import torchnosuch
        except ModuleNotFoundError as error:
            print(error)
    """)
    assert out == "No module named 'torchnosuch'\n"


def test_install_is_repeatable_and_can_be_undone():
    run("""
        import sys, torch, torch.nn
        alias.install()
        assert sum(finder is alias._finder for finder in sys.meta_path) == 1
        alias.uninstall()
        alias.uninstall()
        assert not any(name.split(".")[0] == "torch" for name in sys.modules)
        assert "pullback.nn" in sys.modules
    """)


def test_refuses_when_another_torch_is_loaded(monkeypatch):
    alias = importlib.import_module("pullback.compat.alias")
    monkeypatch.setitem(sys.modules, "torch", type(sys)("torch"))
    with pytest.raises(RuntimeError, match="torch is already imported"):
        alias.install()
    assert alias._finder not in sys.meta_path
