"""The long error messages, and the words they are made of. First sentences are torch's; programs match on them."""

import re
import warnings

import numpy as np

from . import dtypes
from .mode import current_mode

FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been "
    "freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify "
    "retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors "
    "after calling backward."
)
PACK_WRITES = (
    "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook cannot be modified by "
    "in-place operations as this can lead to unexpected side-effects. Please open an issue if you need to perform in-place "
    "operations on the input to a pack hook."
)
HOOKS_TWICE = (
    "Calling register_hooks on a saved tensor whose hooks have already been set. Hint: only one pair of hooks is allowed at a "
    "time."
)
HOOKS_FREED = (
    "Calling register_hooks on a saved tensor after it has been freed. Saved intermediate values of the graph are freed when "
    "you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second "
    "time or if you need to access saved variables after calling backward."
)
NO_GRAPH = "element {} of tensors does not require grad and does not have a grad_fn"
STALE = (
    "one of the variables needed for gradient computation has been modified by an inplace operation: [torch.{}Tensor "
    "{}]{} is at version {}; expected version {} instead. Hint: "
)
BACKWARD_INSIDE = (
    "backward() called inside a functorch transform. This is not supported, please use functorch.grad or functorch.vjp instead "
    "or call backward() outside of functorch transforms."
)
INSIDE = (
    "You are attempting to call Tensor.{0}() {1}inside of a function being transformed by a functorch transform. This is "
    "unsupported, please attempt to use the functorch transforms (e.g. grad, vjp, jacrev, jacfwd, hessian) or call {0}() outside "
    "of a function being transformed instead."
)
STALE_HINT = (
    "enable anomaly detection to find the operation that failed to compute its gradient, with "
    "torch.autograd.set_detect_anomaly(True, check_nan=False)."
)
STALE_TRACED = (
    "the backtrace further above shows the operation that failed to compute its gradient. The variable in question was "
    "changed in there or anywhere later. Good luck!"
)


def stale(array, owner, version, expected):
    """What is wrong with a kept value that was written since. `owner`: whose output it is, if anyone's."""
    hint = STALE_HINT if current_mode().anomaly is None else STALE_TRACED
    return RuntimeError(STALE.format(title(array.dtype), list(array.shape), owner, version, expected) + hint)


LEAF_WRITE = "a leaf Variable that requires grad is being used in an in-place operation."
LEAF_VIEW_WRITE = "a view of a leaf Variable that requires grad is being used in an in-place operation."
_AMBIGUOUS = (
    "{3} {0} mode and is being modified inplace {1}. Given that this use case is ambiguous and "
    "error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside "
    "the {2} block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked)."
)
_SEVERAL = (
    "This view is the output of a function that returns multiple views. Such functions do not allow the output views to be "
    "modified inplace. You should replace the inplace operation by an out-of-place one."
)


_CUSTOM = (
    "This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to "
    "handle view+inplace would override the custom backward associated with the custom Function, leading to incorrect "
    "gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function."
)


def node_name(name):
    """How messages name a node: without "Backward", and without the 0 that most end with."""
    return re.sub(r"Backward0?(\d*)$", r"\1", name)


def fixed_view(custom, node, output, what="is"):
    """What is wrong with writing to a view made by a custom function, or as one of several at once.

    `node`: the name of the view's own operation. `what`: "is", or that it is the base which was written.
    """
    which = "A view was created in no_grad mode" if node is None else f"Output {output} of {node} is a view"
    where = " with grad mode enabled" if node is None else ""
    written = "is being" if what == "is" else f"{what} has been"
    return f"{which} and {written} modified inplace{where}. {_CUSTOM if custom else _SEVERAL}"


def ambiguous_view(made, node=None, output=0):
    """What is wrong with writing to a view that was `made` in "no_grad" or "inference" mode, or is a view of such a view."""
    which = "A view was created in" if node is None else f"Output {output} of {node} is a view of a view which was created in"
    if made == "inference":
        return _AMBIGUOUS.format("inference", "in normal mode", "inference_mode", which)
    return _AMBIGUOUS.format("no_grad", "with grad mode enabled", "no_grad", which)


OVERLAP = (
    "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please "
    "clone() the tensor before performing the operation."
)
PARTLY_SHARED = (
    "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. "
    "Please clone() the tensor before performing the operation."
)
DYNAMIC = (
    "vmap: We do not support batching operators that can output dynamic shape. Attempted to vmap over aten::{}. Please file an "
    "issue at https://github.com/pytorch/pytorch/issues if you need this feature."
)
BATCHED_MASK = ("vmap: We do not support batching operators that can support dynamic shape. Attempting to batch over indexing "
                "with a boolean mask.")
BATCHED_SELECT = (
    "vmap: Attempted to vmap over `mask` in torch.masked_select(self, mask) We cannot support this because for each batch this "
    "would return a differently shaped Tensor. Please file an issue at https://github.com/pytorch/pytorch/issues if you need "
    "this feature."
)
_UNBATCHED_WRITE = (
    "vmap: {0}(self, *extra_args) is not possible because there exists a Tensor `other` in extra_args that has more elements "
    "than `self`. This happened due to `other` being vmapped over but `self` not being vmapped over {1}. Please try to use "
    "out-of-place operators instead of {0}. If said operator is being called inside the PyTorch framework, please file a bug "
    "report instead."
)
_AS_SHAPES = {"add", "arctan2", "atan2", "bitwise_and", "bitwise_or", "bitwise_xor", "copysign", "gcd", "lcm"}
_BY_NAME = {"fill", "index_add", "index_fill", "index_put", "scatter_add", "scatter_reduce"}
_ARITHMETIC = {"copy", "div", "divide", "logical_and", "logical_or", "logical_xor", "clamp_max", "clamp_min", "mul", "multiply",
               "masked_fill", "sub", "true_divide"}


def unbatched_write(name, shape, sizes):
    """What is wrong with writing values that differ between samples, in batches of `sizes`, to what they share."""
    if name in _AS_SHAPES:
        return f"output with shape {list(shape)} doesn't match the broadcast shape {[*sizes, *shape]}"
    if name is None or name in _ARITHMETIC:
        return _UNBATCHED_WRITE.format("inplace arithmetic", "in a vmap")
    name = name.removesuffix("_tensor")
    if name in _BY_NAME:
        return _UNBATCHED_WRITE.format(f"{name}_", "in a vmap")
    return _UNBATCHED_WRITE.format(f"aten::{name}_", f"at level {len(sizes)}")


INFERENCE_WRITE = (
    "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor "
    "before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details."
)
INFERENCE_SAVE = (
    "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation "
    "tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in autograd, or use "
    "`torch.no_grad()` instead of `torch.inference_mode()`."
)
INFERENCE_GRAD = "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed."
INFERENCE_VERSION = "Inference tensors do not track version counter."
OUT_GRAD = (
    "{}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad."
)
GRAD_NOT_LEAF = (
    "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be populated "
    "during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf Tensor, use "
    ".retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you access the leaf "
    "Tensor instead. See github.com/pytorch/pytorch/pull/30531 for more information."
)
GRAD_DTYPE = (
    "attempting to assign a gradient with dtype '{}' to a tensor with grad_dtype '{}'. The gradient must match the "
    "tensor's grad_dtype (defaults to the tensor's dtype). You can set the tensor's grad_dtype attribute with a specific "
    "dtype, or None to allow any dtype. Set grad_dtype with caution. Diverging the dtypes of a tensor and its gradient may "
    "break downstream systems that assume they match."
)
NOT_LEAF_FLAG = (
    "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that "
    "doesn't require differentiation use var_no_grad = var.detach()."
)
DETACH_VIEW = (
    "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and "
    "gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on "
    "these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as "
    "the solution."
)
DEEPCOPY = (
    "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  If you were "
    "attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, see "
    "https://github.com/pytorch/pytorch/pull/103001"
)
NUMPY_GRAD = "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
SCALAR_GRAD = (
    "Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.\n"
    "Consider using tensor.detach() first."
)
COMPLEX_CAST = "Casting complex values to real discards the imaginary part"
COPY_TENSOR = (
    "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
    "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor)."
)
CREATE_GRAPH = (
    "Using backward() with create_graph=True will create a reference cycle between the parameter and its gradient which "
    "can cause a memory leak. We recommend using autograd.grad when creating the graph to avoid this. If you have to use "
    "this function, make sure to reset the .grad fields of your parameters to None after use to break the cycle and avoid "
    "the leak."
)
UNUSED = (
    "The differentiated Tensor at index {} appears to not have been used in the graph. Set allow_unused=True if this is "
    "the desired behavior."
)
ONLY_INPUTS = (
    "only_inputs argument is deprecated and is ignored now (defaults to True). To accumulate gradient for other parts of "
    "the graph, please use torch.autograd.backward."
)
VOLATILE_READ = "volatile was removed (Variable.volatile is always False)"
VOLATILE_SET = "volatile was removed and now has no effect. Use `with torch.no_grad():` instead."
BOOL_SUB = (
    "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead."
)
BOOL_SUB_ONE = (
    "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or "
    "`logical_not()` operator instead."
)
BOOL_NEG = (
    "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or "
    "`logical_not()` operator instead."
)
TRACED_VALUE = (
    "the value of a traced tensor is not known while compile() records the function: `{}` would decide, once and for all, "
    "what the compiled program does. Compute it with tensor operations (for instance torch.where), or move it out of the "
    "compiled function."
)


_GIVEN = set()


def warn_once(text, stacklevel):
    """Give a warning the first time only, as torch does with some, whatever the warning filters say."""
    if text not in _GIVEN:
        _GIVEN.add(text)
        warnings.warn(text, stacklevel=stacklevel + 1)


def type_name(value):
    """How torch's messages name the type of an argument."""
    return "Tensor" if hasattr(value, "_edge") else type(value).__name__


def title(numpy_dtype):
    """The name of a dtype in torch's messages: Float, Long, ..."""
    return dtypes.of(numpy_dtype).title


def type_of(numpy_dtype):
    """The name of the type of a tensor in messages: torch.FloatTensor, ..."""
    name = title(numpy_dtype)
    return f"CPU{name}Type" if numpy_dtype.kind == "c" else f"torch.{name}Tensor"


_IN_C = {"float16": "c10::Half", "bfloat16": "c10::BFloat16", "uint8": "unsigned char", "int8": "signed char",
         "int16": "short int", "int32": "int", "int64": "long int", "float32": "float", "float64": "double",
         "complex64": "c10::complex<float>", "complex128": "c10::complex<double>"}


def c_name(numpy_dtype):
    """The name of a dtype in messages that have it from C++."""
    name = dtypes.of(numpy_dtype).name
    return _IN_C.get(name, name)


REFUSED = {  # what torch says about some dtypes; "b" for bool, "c" for complex
    ("neg", "b"): RuntimeError(BOOL_NEG),
    ("relu", "b"): RuntimeError("Boolean inputs not supported for relu"),
    ("relu", "c"): NotImplementedError("clamp is not supported for complex types"),
    ("clamp", "c"): NotImplementedError("clamp is not supported for complex types"),
    ("sign", "c"): NotImplementedError("Unlike NumPy, torch.sign is not intended to support complex numbers. Please use "
                                       "torch.sgn instead."),
    ("floor", "c"): NotImplementedError("floor is not supported for complex inputs"),
    ("ceil", "c"): NotImplementedError("ceil is not supported for complex inputs"),
    ("trunc", "c"): NotImplementedError("trunc is not supported for complex inputs"),
    ("maximum", "c"): RuntimeError("maximum not implemented for complex tensors."),
    ("fmax", "c"): RuntimeError("fmax not implemented for complex tensors"),
    ("fmin", "c"): RuntimeError("fmin not implemented for complex tensors"),
    ("rad2deg", "c"): RuntimeError("rad2deg is not supported for complex tensors"),
    ("deg2rad", "c"): RuntimeError("deg2rad is not supported for complex tensors"),
    ("minimum", "c"): RuntimeError("minimum not implemented for complex tensors."),
}
KERNELS = {"addcmul": "addcmul_cpu_out", "floor": "floor_vml_cpu", "ceil": "ceil_vml_cpu", "trunc": "trunc_vml_cpu", "pow": "pow",
           "div_trunc": "div_trunc_cpu", "round": "round_vml_cpu",
           "erf": "erf_vml_cpu", "bitwise_left_shift": "lshift_cpu", "bitwise_right_shift": "rshift_cpu", "digamma": "digamma",
           "trigamma": "trigamma", "polygamma": "polygamma",
           "floor_divide": "div_floor_cpu", "div_floor": "div_floor_cpu"}


def refused(name, dtype):
    """The error for a dtype that operation `name` is not for."""
    known = REFUSED.get((name, dtype.kind))
    if known is not None:
        return type(known)(*known.args)
    return NotImplementedError(f"\"{KERNELS.get(name, name + '_cpu')}\" not implemented for '{title(dtype)}'")


def not_tensor(function, argument, position, value, expected="Tensor"):
    """The TypeError for an argument that should have been a tensor."""
    return TypeError(f"{function}(): argument '{argument}' (position {position}) must be {expected}, not {type_name(value)}")


def beyond_storage(array, size, stride, offset, available):
    """The error for a window that reaches beyond the memory; sizes, strides and the offset in elements."""
    need = (offset + sum((count - 1) * step for count, step in zip(size, stride, strict=True)) + 1) * array.itemsize
    return RuntimeError(f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {offset}, and itemsize "
                        f"{array.itemsize} requiring a storage size of {need} are out of bounds for storage of size {available}")


def from_numpy(name, error, operands):
    """The error to raise for one that NumPy raised inside operation `name`: torch's class, and what was given."""
    given = ", ".join(f"{title(a.dtype)}{list(a.shape)}" if isinstance(a, np.ndarray) else repr(a) for a in operands)
    if isinstance(error, MemoryError):
        return RuntimeError(f"[enforce fail] DefaultCPUAllocator: can't allocate memory: {name}() of {given} needs more "
                            "than there is")
    kind = error.__class__ if isinstance(error, (IndexError, TypeError, OverflowError, ZeroDivisionError)) else RuntimeError
    return kind(f"{name}(): the operands {given} do not fit this operation")
