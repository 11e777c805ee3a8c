"""finfo and iinfo, compared with PyTorch's."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="compares with PyTorch, which is not installed")
pytest.importorskip("ml_dtypes", reason="gives NumPy a bfloat16")

from pullback.limits import finfo, iinfo  # noqa: E402

FLOATS = ["float16", "bfloat16", "float32", "float64", "complex64", "complex128"]
INTEGERS = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]


@pytest.mark.parametrize("name", FLOATS + INTEGERS)
def test_limits(name):
    ours, theirs = (finfo, torch.finfo) if name in FLOATS else (iinfo, torch.iinfo)
    info, expected = ours(np.dtype(name)), theirs(getattr(torch, name))
    assert repr(info) == repr(expected)
    for attribute in (attribute for attribute in dir(expected) if not attribute.startswith("_")):
        value, wanted = getattr(info, attribute), getattr(expected, attribute)
        assert (value, type(value)) == (wanted, type(wanted))
