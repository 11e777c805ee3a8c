"""Data types: torch's names over NumPy's, and torch's promotion rules.

The rules are those of https://docs.pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc: categories are
ordered bool < integer < floating < complex, and a tensor with dimensions outranks a 0-dim one, which outranks a Python
number, unless the lower rank is of a higher category.
"""

from functools import cache

import numpy as np

BOOL, INTEGER, FLOATING, COMPLEX = range(4)
_IN_C = {"float16": "c10::Half", "bfloat16": "c10::BFloat16", "float32": "float", "float64": "double", "uint8": "uint8_t",
         "uint16": "uint16_t", "uint32": "uint32_t", "uint64": "uint64_t", "int8": "int8_t", "int16": "int16_t",
         "int32": "int32_t", "int64": "int64_t", "complex64": "c10::complex<float>", "complex128": "c10::complex<double>"}


class dtype:
    """A data type. `numpy` is the NumPy dtype that holds it; `title` is the name torch's error messages use."""

    __slots__ = ("name", "title", "_numpy", "category", "alias")
    __module__ = "pullback"

    def __init__(self, name, title, numpy, category, alias=None):
        self.name, self.title, self.category, self.alias = name, title, category, alias
        self._numpy = None if numpy is None else np.dtype(numpy)

    @property
    def numpy(self):
        """The NumPy dtype that holds it; None for bfloat16 where ml_dtypes is not installed."""
        return self._numpy if self is not bfloat16 else _bfloat16()

    is_floating_point = property(lambda self: self.category == FLOATING, doc="True for float16, bfloat16, float32, float64.")
    is_complex = property(lambda self: self.category == COMPLEX, doc="True for complex64 and complex128.")
    itemsize = property(lambda self: self.numpy.itemsize, doc="Bytes an element takes.")

    @property
    def is_signed(self):
        """True unless the type is bool or an unsigned integer."""
        return self.category > INTEGER or (self.category == INTEGER and self.numpy.kind == "i")

    @property
    def in_c(self):
        """The name of the type in C, which some of torch's messages use."""
        return _IN_C.get(self.name, self.name)

    def to_complex(self):
        """The complex type whose parts have this type's precision."""
        return complex128 if self in (float64, complex128) else complex64

    def to_real(self):
        """The floating type of this complex type's parts; a real type is returned as it is."""
        return {"complex64": float32, "complex128": float64}.get(self.name, self)

    def __repr__(self):
        return f"torch.{self.name}"

    def __reduce__(self):
        return self.name


float16 = dtype("float16", "Half", np.float16, FLOATING, "half")
bfloat16 = dtype("bfloat16", "BFloat16", None, FLOATING)
float32 = dtype("float32", "Float", np.float32, FLOATING, "float")
float64 = dtype("float64", "Double", np.float64, FLOATING, "double")
uint8 = dtype("uint8", "Byte", np.uint8, INTEGER)
uint16 = dtype("uint16", "UInt16", np.uint16, INTEGER)
uint32 = dtype("uint32", "UInt32", np.uint32, INTEGER)
uint64 = dtype("uint64", "UInt64", np.uint64, INTEGER)
int8 = dtype("int8", "Char", np.int8, INTEGER)
int16 = dtype("int16", "Short", np.int16, INTEGER, "short")
int32 = dtype("int32", "Int", np.int32, INTEGER, "int")
int64 = dtype("int64", "Long", np.int64, INTEGER, "long")
bool_ = dtype("bool", "Bool", np.bool_, BOOL)
complex64 = dtype("complex64", "ComplexFloat", np.complex64, COMPLEX, "cfloat")
complex128 = dtype("complex128", "ComplexDouble", np.complex128, COMPLEX, "cdouble")

ALL = (float16, bfloat16, float32, float64, uint8, uint16, uint32, uint64, int8, int16, int32, int64, bool_, complex64,
       complex128)
NAMES = {d.name: d for d in ALL} | {d.alias: d for d in ALL if d.alias}
_OF_NUMPY = {d._numpy: d for d in ALL if d is not bfloat16}
F32, F64, I64, B8 = float32.numpy, float64.numpy, int64.numpy, bool_.numpy
_PYTHON = {float: None, int: int64, bool: bool_, complex: None}
_default = float32


@cache
def _bfloat16():
    """ml_dtypes' bfloat16, loaded when first asked for; None where the package is not."""
    try:
        import ml_dtypes
    except ImportError:
        return None
    return np.dtype(ml_dtypes.bfloat16)


def of(numpy_dtype):
    """The dtype that NumPy calls `numpy_dtype`. Raises torch's TypeError where torch has none."""
    found = _OF_NUMPY.get(numpy_dtype)
    if found is None:
        found = _OF_NUMPY.get(np.dtype(numpy_dtype).newbyteorder("="))
    if found is None:
        if numpy_dtype == _bfloat16():
            return bfloat16
        kind = np.dtype(numpy_dtype).type
        raise TypeError(
            f"can't convert np.ndarray of type {kind.__module__}.{kind.__name__}. The only supported types are: "
            "float64, float32, float16, complex64, complex128, int64, int32, int16, int8, uint64, uint32, uint16, uint8, and "
            "bool."
        )
    return found


def numpy_of(d):
    """The NumPy dtype for a dtype or for Python's float, int, bool and complex. Raises TypeError on anything else."""
    if isinstance(d, dtype):
        if d.numpy is None:
            raise TypeError(f"{d} needs the package ml_dtypes: pip install 'pullback[bf16]'")
        return d.numpy
    if d in _PYTHON:
        return of_python(d).numpy
    raise TypeError(f"dtype must be a torch.dtype, but got {type(d).__name__}")


def of_python(kind):
    """The dtype a Python number of type `kind` has by default."""
    if kind is float:
        return _default
    return _default.to_complex() if kind is complex else _PYTHON[kind]


def get_default_dtype():
    """The floating dtype that Python floats become; float32 unless changed."""
    return _default


def set_default_dtype(d):
    """Make `d`, a floating dtype, the one that Python floats become. Raises TypeError on any other type."""
    global _default
    if not isinstance(d, dtype) or not d.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    _default = d


_CATEGORY = {"b": BOOL, "i": INTEGER, "u": INTEGER, "f": FLOATING, "c": COMPLEX, "V": FLOATING}


def category(numpy_dtype):
    """BOOL, INTEGER, FLOATING or COMPLEX. (ml_dtypes' bfloat16 is of kind "V".)"""
    return _CATEGORY[numpy_dtype.kind]


def is_half(numpy_dtype):
    """Whether it is float16 or bfloat16."""
    return numpy_dtype.itemsize == 2 and numpy_dtype.kind in "fV"


def promote_numpy(a, b):
    """torch.promote_types on NumPy dtypes."""
    if a == b:
        return a
    ca, cb = category(a), category(b)
    if ca == cb:
        return _widen(a, b)
    if ca < cb:
        a, b, ca, cb = b, a, cb, ca
    if ca == COMPLEX and cb == FLOATING and b == F64:  # the parts take the wider of the two precisions
        return complex128.numpy
    return a


def _widen(a, b):
    if a.kind == "V" or b.kind == "V":  # float16 and bfloat16 have no common half type
        return F32 if a.itemsize == b.itemsize else max(a, b, key=lambda d: d.itemsize)
    wide = np.promote_types(a, b)
    if wide.kind == "f" and a.kind != "f":
        raise RuntimeError(f"Promotion for uint16, uint32, uint64 types is not supported, attempted to promote "
                           f"{of(a).title} and {of(b).title}")
    return wide


def promote_types(type1, type2):
    """The smallest dtype both can be converted to, as torch.promote_types."""
    for position, given in enumerate((type1, type2)):
        if not isinstance(given, dtype):
            raise TypeError(f"promote_types(): argument 'type{position + 1}' (position {position + 1}) must be torch.dtype, not "
                            f"{type(given).__name__}")
    return of(promote_numpy(type1.numpy, type2.numpy))


def result_numpy(operands):
    """The NumPy dtype that arithmetic on `operands` (arrays and Python numbers) gives under torch's rules."""
    ranks = [None, None, None]  # with dimensions, 0-dim, Python number
    for operand in operands:
        kind = type(operand)
        if kind in _PYTHON:
            rank, d = 2, of_python(kind).numpy
        else:
            rank, d = (0 if operand.ndim else 1), operand.dtype
        ranks[rank] = d if ranks[rank] is None else promote_numpy(ranks[rank], d)
    result = None
    for d in ranks:
        if result is None:
            result = d
        elif d is not None and category(d) > category(result):
            if category(d) == COMPLEX and category(result) == FLOATING:  # the parts keep the precision of the higher rank
                result = of(result).to_complex().numpy
            else:
                result = promote_numpy(d, result)
    return result


def can_cast_numpy(source, target):
    """Whether an in-place result of dtype `source` may be stored in `target`: never to a lower category."""
    return category(source) <= category(target) or (category(source) == INTEGER and category(target) == INTEGER)
