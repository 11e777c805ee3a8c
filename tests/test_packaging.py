"""What installing and importing pullback brings along: NumPy, and nothing else."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import pullback
from pullback.version import PULLBACK

HEAVY = ("scipy", "llvmlite", "torch", "matplotlib", "sklearn", "tqdm", "safetensors", "mpi4py", "cupy")


@pytest.fixture
def installed():
    """The metadata of the installed package."""
    try:
        return metadata.distribution("pullback")
    except metadata.PackageNotFoundError:
        pytest.skip("pullback is imported from its source folder and not installed")


def test_numpy_is_the_only_requirement(installed):
    required = [line for line in installed.requires if "extra ==" not in line]
    assert [line.partition(">")[0] for line in required] == ["numpy"]


def test_the_version_is_the_same_everywhere(installed):
    assert installed.version == PULLBACK


def test_types_are_declared():
    assert (Path(pullback.__file__).parent / "py.typed").exists()


def test_importing_it_loads_nothing_heavy():
    program = f"import sys, pullback, pullback.cli; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
