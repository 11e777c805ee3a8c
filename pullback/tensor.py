"""The tensor class complete: attributes, operators and methods bound to what `graph.Tensor` holds, in one place.

Most methods are the operations themselves, under their own name; in-place variants are derived from them.
"""


from . import arguments, convert, devices, dtypes, errors, factories, history, memory, nodes, sampling, settings
from .batch import Batched, copied, sample, whole
from .graph import Node, Tensor, is_leaf, make_leaf, new, storage_of
from .mode import settled
from .operators import OPERATORS
from .ops import binary, load, unary
from .ops.catalog import METHODS
from .ops.inplace import inplace, inplace_elementwise
from .ops.old_order import NUMBERS_FIRST, accepting
from .ops.registry import FUNCTIONS, listen
from .ops.shape import permute
from .shapes import Size, contiguous_strides, wrap_dim


# ---- attributes ----------------------------------------------------------------------------------------------------------
def _strides(array):
    """Strides in elements, as torch counts them: those of a dimension of size 1 or of an empty array follow the shape."""
    if not array.size or array.flags.c_contiguous:
        return contiguous_strides(array.shape)
    strides = [step // array.itemsize for step in array.strides]
    if 0 in strides and 1 in array.shape:  # NumPy gives a dimension put in by indexing stride 0, torch what lies behind it
        after = 1
        for i in range(array.ndim - 1, -1, -1):
            if array.shape[i] == 1 and strides[i] == 0:
                strides[i] = after
            after = array.shape[i] * strides[i]
    return tuple(strides)


def _transposed(self):
    dims = range(self._array.ndim)
    return permute(self, *reversed(dims))


def _last_two_swapped(self):
    if not self._array.ndim:
        return self
    if self._array.ndim < 2:
        raise RuntimeError(f"tensor.mT is only supported on matrices or batches of matrices. Got {self._array.ndim}-D tensor.")
    return self.transpose(-2, -1)


def _imaginary(self):
    if self._array.dtype.kind != "c":
        raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")
    return FUNCTIONS["imag"].call(self)


def _answer(value, doc):
    return property(lambda self: value, doc=doc)


ATTRIBUTES = {
    "shape": property(lambda self: tuple.__new__(Size, self._array.shape), doc="The sizes of the dimensions."),
    "dtype": property(lambda self: dtypes.of(self._array.dtype), doc="The data type of the elements."),
    "device": _answer(devices.CPU, "Where the tensor lives: the CPU."),
    "ndim": property(lambda self: self._array.ndim, doc="The number of dimensions."),
    "itemsize": property(lambda self: self._array.itemsize, doc="Bytes an element takes."),
    "nbytes": property(lambda self: self._array.nbytes, doc="Bytes all elements take."),
    "T": property(_transposed, doc="The dimensions in reverse order."),
    "mT": property(_last_two_swapped, doc="The last two dimensions swapped."),
    "H": property(lambda self: _last_two_swapped(self).conj(), doc="The conjugate transpose."),
    "mH": property(lambda self: _last_two_swapped(self).conj(), doc="The conjugate transpose of each matrix."),
    "real": property(unary.real, doc="The real part."),
    "imag": property(_imaginary, doc="The imaginary part; RuntimeError on a real tensor."),
    "is_cuda": _answer(False, "False: there is only the CPU."),
    "is_mps": _answer(False, "False: there is only the CPU."),
    "is_xpu": _answer(False, "False: there is only the CPU."),
    "is_meta": _answer(False, "False: every tensor has memory."),
    "is_cpu": _answer(True, "True: there is only the CPU."),
    "is_sparse": _answer(False, "False: every tensor is dense."),
    "is_quantized": _answer(False, "False: no tensor is quantised."),
    "is_nested": _answer(False, "False: no tensor is nested."),
    "layout": _answer(settings.strided, "How the elements are stored."),
    "names": property(lambda self: (None,) * self._array.ndim, doc="The dimensions have no names."),
}


def size(self, dim=None):
    """The shape, or the size of one dimension."""
    shape = self._array.shape
    if dim is None:
        return tuple.__new__(Size, shape)
    return shape[wrap_dim(arguments.integer("size", "dim", dim, 1), len(shape), scalar=False)]


def stride(self, dim=None):
    """The strides in elements, or that of one dimension."""
    strides = _strides(self._array)
    if dim is None:
        return strides
    return strides[wrap_dim(arguments.integer("stride", "dim", dim, 1), len(strides), scalar=False)]


def dim(self):
    """The number of dimensions."""
    return self._array.ndim


def numel(self):
    """The number of elements."""
    return self._array.size


def element_size(self):
    """Bytes an element takes."""
    return self._array.itemsize


def data_ptr(self):
    """The address of the first element."""
    return self._array.__array_interface__["data"][0] if self._array.size else 0


def storage_offset(self):
    """How many elements into its base's memory the tensor starts."""
    array = sample(self._array)
    return memory.offset(array) // array.itemsize if array.size else 0


def is_contiguous(self, memory_format=None):
    """Whether the elements lie in row-major order without gaps."""
    return self._array.flags.c_contiguous


def is_floating_point(self):
    """Whether the dtype is float16, bfloat16, float32 or float64."""
    return dtypes.category(self._array.dtype) == dtypes.FLOATING


def is_complex(self):
    """Whether the dtype is complex."""
    return self._array.dtype.kind == "c"


def is_signed(self):
    """Whether the dtype can hold negative numbers."""
    return dtypes.of(self._array.dtype).is_signed


def is_inference(self):
    """Whether the tensor was made in inference mode."""
    return bool(self._inference)


def is_set_to(self, tensor):
    """Whether the two are the same window on the same memory."""
    return data_ptr(self) == data_ptr(tensor) and self._array.strides == tensor._array.strides and self.shape == tensor.shape


def where(self, condition, other):
    """This tensor where `condition` holds, else `other`. Raises TypeError unless `condition` is a tensor."""
    if not isinstance(condition, Tensor):
        raise errors.not_tensor("where", "condition", 1, condition)
    return binary.where(condition, self, other)


def is_same_size(self, other):
    """Whether the shapes are equal."""
    return self._array.shape == other._array.shape


def get_device(self):
    """-1: the number that stands for the CPU."""
    return -1


def _is_view(self):
    """Whether autograd knows the tensor as a view of another."""
    return self._base is not None


def pin_memory(self, device=None):
    """The tensor itself: there is no other memory to copy to."""
    return self


def is_pinned(self, device=None):
    """False: no memory is pinned."""
    return False


def share_memory_(self):
    """The tensor itself: threads share all memory; processes do not."""
    return self


def _bump(self, place):
    """Note that the tensor's memory was written by something that is no operation, at `place` of the user's program."""
    storage_of(self).write(place=place)


def _make_subclass(cls, data, require_grad=False):
    """A tensor of class `cls` on the memory of `data`, without its history: a leaf."""
    tensor = new(cls)
    tensor._array = data._array
    tensor._edge = None
    tensor._storage = storage_of(data)
    tensor._inference = data._inference
    mode = history.settled()
    if require_grad and tensor._inference and not mode.inference:
        raise RuntimeError(errors.INFERENCE_GRAD)
    if require_grad:
        if dtypes.category(data._array.dtype) < dtypes.FLOATING:
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        make_leaf(tensor)
    if mode.tracker is not None:
        mode.tracker.operation(cls.__name__, (data,), (tensor,), "subclass")
    return tensor


# ---- made like this one --------------------------------------------------------------------------------------------------
def _new(name):
    factory = getattr(factories, name)

    def method(self, *size, dtype=None, device=None, requires_grad=False, layout=None, pin_memory=False):
        size = (arguments.size(f"new_{name}", size),) if name != "full" else size
        tensor = factory(*size, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)
        if type(self._array) is Batched:  # each sample has one of its own
            tensor = factories.made(copied(tensor._array, self._array), requires_grad)
        return tensor

    method.__name__ = f"new_{name}"
    method.__doc__ = f"`torch.{name}` with this tensor's dtype unless another is given."
    return method


def new_tensor(self, data, *, dtype=None, device=None, requires_grad=False, layout=None, pin_memory=False):
    """A copy of `data` in this tensor's dtype unless another is given."""
    return factories.tensor(data, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


# ---- Python's protocols --------------------------------------------------------------------------------------------------
def __len__(self):
    if not self._array.ndim:
        raise TypeError("len() of a 0-d tensor")
    return len(self._array)


def __iter__(self):
    if not self._array.ndim:
        raise TypeError("iteration over a 0-d tensor")
    return iter(self.unbind(0))


def __contains__(self, value):
    if isinstance(value, (Tensor, int, float, bool, complex)):
        return (self == value).any().item()
    raise RuntimeError(f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {type(value)}.")


def __repr__(self, *, tensor_contents=None):
    from .printing import tensor_str

    transforms = settled().transforms
    if transforms or type(self._array) is Batched:
        return _wrapped(self, transforms)
    notes = []
    if not is_leaf(self):
        notes.append(f"grad_fn=<{type(self._edge.target()[0]).__name__}>")
    elif self._edge is not None:
        notes.append("requires_grad=True")
    array = convert.concrete(self, "repr()")
    return tensor_str(array, suffixes=notes, default_dtype=dtypes.get_default_dtype().numpy)


def _wrapped(self, transforms):
    """How a tensor is shown inside `torch.func`'s transforms: what each of them made of it, around the whole batch."""
    from .printing import tensor_str

    text = tensor_str(whole(self._array), default_dtype=dtypes.get_default_dtype().numpy)
    for number, level in enumerate(transforms, 1):
        label = level.label(self)
        if label is not None:
            text = label.format(number) + "\n    " + text.replace("\n", "\n    ") + "\n)"
    return text


def __format__(self, spec):
    from .printing import format_scalar

    return format_scalar(convert.concrete(self, "format()"), spec) if not self._array.ndim else object.__format__(self, spec)


def __dir__(self):
    own = {"_array", "_edge", "_storage", "_made", "_inference", "_volatile", "_origin"}
    return sorted({*dir(type(self)), *self.__dict__} - own)


def _writing(function):
    """The in-place variant of a function; that of an element-wise one computes in the tensor's own memory."""
    method = general = inplace(function.call)
    if function.element is not None:
        element = inplace_elementwise(function.element.op, function.element)

        def method(self, *args, **options):
            return general(self, *args, **options) if options else element(self, *args)

    name = f"{function.name}_"
    if function.name in NUMBERS_FIRST:
        method = accepting(name, method)
    method.__name__ = name
    method.__doc__ = f"`{function.name}`, the result written to this tensor."
    return method


def _bind():
    for table in (ATTRIBUTES, history.PROPERTIES, OPERATORS, convert.CASTS):
        for name, value in table.items():
            setattr(Tensor, name, value)
    for name, value in nodes.MEMBERS.items():
        setattr(Node, name, value)
    own = (size, stride, dim, numel, element_size, data_ptr, storage_offset, is_contiguous, is_floating_point, is_complex,
           is_signed, is_inference, is_set_to, is_same_size, get_device, _is_view, _bump, pin_memory, is_pinned, share_memory_,
           new_tensor, where, __len__, __iter__, __contains__, __repr__, __format__, __dir__)
    made = [_new(name) for name in ("empty", "zeros", "ones", "full")]
    for method in (*own, *made, *history.METHODS, *convert.METHODS, *sampling.METHODS):
        setattr(Tensor, method.__name__, method)
    Tensor.nelement, Tensor.ndimension, Tensor.type = numel, dim, convert.type_
    Tensor.__array_priority__ = 1000  # NumPy's operators give way to ours
    Tensor._make_subclass = staticmethod(_make_subclass)
    for name, family in METHODS.items():
        setattr(Tensor, name, _later(name, family))
    listen(_bind_methods)


def _bind_methods(function):
    """Give tensors the method and the in-place variant of a function."""
    if function.method and function.namespace != "nn":
        setattr(Tensor, function.name, function.bound)
    if function.inplace:
        setattr(Tensor, f"{function.name}_", _writing(function))


def function_of(name):
    """The method `name` as a function, whose first argument must be a tensor."""

    def function(input, *args, **kwargs):
        if not isinstance(input, Tensor):
            raise errors.not_tensor(name, "input", 1, input)
        return getattr(input, name)(*args, **kwargs)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"`input.{name}(...)`."
    return function


def _later(name, family):
    """The method `name` until its family of operations is loaded, which the first call does."""

    def method(self, *args, **kwargs):
        load(family)
        return getattr(self, name)(*args, **kwargs)

    method.__name__ = name
    return method


_bind()
