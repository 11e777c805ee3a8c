"""finfo and iinfo. The expected texts were printed by PyTorch 2.13."""

from types import SimpleNamespace

import ml_dtypes
import numpy as np
import pytest

from pullback.limits import finfo, iinfo

TEXTS = {
    np.float16: "finfo(resolution=0.001, min=-65504, max=65504, eps=0.000976562, smallest_normal=6.10352e-05,"
    " tiny=6.10352e-05, dtype=float16)",
    ml_dtypes.bfloat16: "finfo(resolution=0.01, min=-3.38953e+38, max=3.38953e+38, eps=0.0078125,"
    " smallest_normal=1.17549e-38, tiny=1.17549e-38, dtype=bfloat16)",
    np.float32: "finfo(resolution=1e-06, min=-3.40282e+38, max=3.40282e+38, eps=1.19209e-07,"
    " smallest_normal=1.17549e-38, tiny=1.17549e-38, dtype=float32)",
    np.float64: "finfo(resolution=1e-15, min=-1.79769e+308, max=1.79769e+308, eps=2.22045e-16,"
    " smallest_normal=2.22507e-308, tiny=2.22507e-308, dtype=float64)",
}


@pytest.mark.parametrize("dtype", TEXTS)
def test_finfo(dtype):
    info, expected = finfo(dtype), ml_dtypes.finfo(dtype)
    assert repr(info) == TEXTS[dtype]
    assert info.bits == expected.bits
    for name in ("eps", "max", "min", "tiny", "smallest_normal"):
        assert getattr(info, name) == float(getattr(expected, name))


def test_complex_types_have_the_limits_of_their_parts():
    assert finfo(np.complex64) == finfo(np.float32) == finfo()
    assert finfo(np.complex128) == finfo(np.float64) != finfo(np.float32)


@pytest.mark.parametrize(
    ("dtype", "text"),
    [
        (np.uint8, "iinfo(min=0, max=255, dtype=uint8)"),
        (np.int8, "iinfo(min=-128, max=127, dtype=int8)"),
        (np.int64, "iinfo(min=-9.22337e+18, max=9.22337e+18, dtype=int64)"),
    ],
)
def test_iinfo(dtype, text):
    info, expected = iinfo(dtype), np.iinfo(dtype)
    assert repr(info) == text
    assert (info.bits, info.min, info.max, info.dtype) == (
        expected.bits,
        expected.min,
        expected.max,
        text[-len(info.dtype) - 1 : -1],
    )


def test_an_object_that_names_its_numpy_dtype():
    assert finfo(SimpleNamespace(numpy=np.dtype(np.float64))).dtype == "float64"
    assert iinfo(SimpleNamespace(numpy=np.int16)).dtype == "int16"


@pytest.mark.parametrize(
    ("function", "dtype", "text"),
    [
        (finfo, np.int8, "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'"),
        (
            finfo,
            np.bool_,
            "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'",
        ),
        (iinfo, np.float32, "torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'"),
        (iinfo, np.bool_, "torch.bool is not supported by torch.iinfo"),
        (finfo, "float32", "finfo(): argument 'type' (position 1) must be torch.dtype, not str"),
        (iinfo, None, "iinfo(): argument 'type' (position 1) must be torch.dtype, not NoneType"),
    ],
)
def test_errors(function, dtype, text):
    with pytest.raises(TypeError) as caught:
        function(dtype)
    assert str(caught.value) == text


def test_values_are_not_writable():
    with pytest.raises(AttributeError, match="attribute 'eps' of 'torch.finfo' objects is not writable"):
        finfo().eps = 1
