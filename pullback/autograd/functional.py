"""Jacobians, Hessians and their products with vectors, as functions of a function and its inputs.

In `strict` mode an output that does not depend on an input is an error; otherwise its derivatives are zeros. With
`create_graph` the results can be differentiated further.
"""

from ..batchwise import mapped
from ..engine import grad
from ..factories import eye, zeros_like
from ..graph import Tensor
from ..mode import enable_grad
from ..ops.join import stack

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

_NOT_STRICT = "This is not allowed in strict mode"
_GRAPH = f"{_NOT_STRICT} when create_graph=True."
_NO_OUTPUT_GRAD = (
    "Output {} of the user-provided function does not require gradients. The outputs must be computed in a differentiable "
    "manner from the input when running in strict mode."
)
_INDEPENDENT = f"The output of the user-provided function is independent of input {{}}. {_NOT_STRICT}."
_LINEAR = f"The gradient with respect to input {{}} is independent of the inputs of the user-provided function. {_NOT_STRICT}."
_LINEAR_HESSIAN = (
    "While computing the hessian, found that the jacobian of the user-provided function with respect to input {} is "
    f"independent of the input. {_NOT_STRICT}. You should ensure that your function is twice differentiable and that the "
    "jacobian depends on the inputs (this would be violated by a linear function for example)."
)
_TRICK = (
    "The gradient with respect to the input is independent of entry {} in the grad_outputs when using the double backward "
    f"trick to compute forward mode gradients. {_NOT_STRICT}."
)
_NO_JACOBIAN = f"The jacobian of the user-provided function is independent of input {{}}. {_NOT_STRICT}."
_TRICK_HESSIAN = (
    f"The hessian of the user-provided function is independent of entry {{}} in the grad_jacobian. {_NOT_STRICT} as it "
    "prevents from using the double backward trick to replace forward mode AD."
)
_CONSTANT_JACOBIAN = f"The jacobian of the user-provided function is independent of input {{}}. {_GRAPH}"
_CONSTANT_HESSIAN = f"The hessian of the user-provided function is independent of input {{}}. {_GRAPH}"
_REVERSE_ONLY = (
    'torch.autograd.functional.jacobian: `{0}=True` and `strategy="forward-mode"` are not supported together (yet). Please '
    'either set `{0}=False` or `strategy="reverse-mode"`.'
)


# ---- what goes in and what comes out -------------------------------------------------------------------------------------
def _tensors(values, what, function):
    """The tensors as a tuple, and whether they were one."""
    if isinstance(values, Tensor):
        return False, (values,)
    given, is_tuple = (values, True) if isinstance(values, tuple) else ((values,), False)
    for index, value in enumerate(given):
        if not isinstance(value, Tensor):
            which = f"value at index {index}" if is_tuple else f"given {what}"
            raise TypeError(f"The {what} given to {function} must be either a Tensor or a tuple of Tensors but the {which} has "
                            f"type {type(value)}.")
    return True, given


def _results(values, function):
    return _tensors(values, "outputs of the user-provided function", function)


def _prepared(tensors, create_graph, requires_grad=True):
    """Tensors to differentiate with respect to: new ones, with a history only if that is to be differentiated in turn."""
    return tuple([value.view_as(value) if create_graph and value.requires_grad else
                  value.detach().requires_grad_(requires_grad) for value in tensors])


def _finished(values, create_graph, is_tuple):
    """The results as they are returned: detached unless they are to be differentiated, alone if there was no tuple."""
    values = values if create_graph else tuple([value.detach() for value in values])
    return values if is_tuple else values[0]


def _vector(v, like, is_tuple, create_graph, function):
    """`v` as a tuple of tensors of the shapes of `like`."""
    _, v = _tensors(v, "v", function)
    v = _prepared(v, create_graph, False)
    if len(v) != len(like):
        raise RuntimeError(f"v is a tuple of invalid length: should be {len(like)} but got {len(v)}." if is_tuple else
                           "The given v should contain a single Tensor.")
    for index, (value, other) in enumerate(zip(v, like, strict=True)):
        if value.shape != other.shape:
            which = f"Entry {index} in " if is_tuple else ""
            raise RuntimeError(f"{which}v has invalid size: should be {other.shape} but got {value.shape}.")
    return v


def _input_vector(v, inputs, is_tuple, create_graph, function):
    if v is not None:
        return _vector(v, inputs, is_tuple, create_graph, function)
    if len(inputs) != 1 or inputs[0].numel() != 1:
        raise RuntimeError("The vector v can only be None if the input to the user-provided function is a single Tensor with "
                           "a single element.")
    return None


def _require_history(tensors, text, strict):
    for index, tensor in enumerate(tensors if strict else ()):
        if tensor is None:
            raise RuntimeError(_INDEPENDENT.format(index))
        if not tensor.requires_grad:
            raise RuntimeError(text.format(index))


def _gradients(outputs, inputs, vectors=None, **options):
    """`autograd.grad` of those outputs that require a gradient; None where an input does not matter."""
    vectors = (None,) * len(outputs) if vectors is None else vectors
    used = [(o, v) for o, v in zip(outputs, vectors, strict=True) if o is not None and o.requires_grad]
    if not used:
        return (None,) * len(inputs)
    outputs, vectors = zip(*used, strict=True)
    return grad(outputs, inputs, vectors, allow_unused=True, **options)


def _filled(gradients, like, strict, create_graph, missing, constant):
    """Zeros for the gradients that are missing; in strict mode that is an error, and so is one without a history."""
    for index, gradient in enumerate(gradients if strict else ()):
        if gradient is None:
            raise RuntimeError(missing.format(index))
        if create_graph and not gradient.requires_grad:
            raise RuntimeError(constant.format(index))
    return tuple([zeros_like(value) if g is None else g for g, value in zip(gradients, like, strict=True)])


# ---- products with vectors -----------------------------------------------------------------------------------------------
def vjp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(*inputs), v J): the outputs, and the vector-Jacobian product in the shapes of the inputs.

    `inputs` and `v`, which has the shapes of the outputs, are tensors or tuples of tensors. `v` may be left out if there is
    one output of one element. Raises TypeError for what is no tensor; RuntimeError for a `v` that does not fit, and in
    strict mode if an output does not depend on an input.
    """
    with enable_grad():
        is_tuple, inputs = _tensors(inputs, "inputs", "vjp")
        inputs = _prepared(inputs, create_graph)
        is_output_tuple, outputs = _results(func(*inputs), "vjp")
        _require_history(outputs, _NO_OUTPUT_GRAD, strict)
        if v is not None:
            v = _vector(v, outputs, is_output_tuple, create_graph, "vjp")
        elif len(outputs) != 1 or outputs[0].numel() != 1:
            raise RuntimeError("The vector v can only be None if the user-provided function returns a single Tensor with a "
                               "single element.")
        products = _gradients(outputs, inputs, v, create_graph=create_graph)
        products = _filled(products, inputs, strict, create_graph, _INDEPENDENT, _CONSTANT_JACOBIAN)
    return _finished(outputs, create_graph, is_output_tuple), _finished(products, create_graph, is_tuple)


def jvp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(*inputs), J v): the outputs, and the Jacobian-vector product in their shapes.

    Computed by going backward twice: w J is linear in w, and the gradient of w J v with respect to w is J v. `inputs` and
    `v`, which has their shapes, are tensors or tuples of tensors. `v` may be left out if there is one input of one element.
    Raises TypeError for what is no tensor; RuntimeError for a `v` that does not fit, and in strict mode if an output does
    not depend on an input.
    """
    with enable_grad():
        is_tuple, inputs = _tensors(inputs, "inputs", "jvp")
        inputs = _prepared(inputs, create_graph)
        v = _input_vector(v, inputs, is_tuple, create_graph, "jvp")
        is_output_tuple, outputs = _results(func(*inputs), "jvp")
        _require_history(outputs, _NO_OUTPUT_GRAD, strict)
        weights = tuple([zeros_like(output, requires_grad=True) for output in outputs])
        weighted = _gradients(outputs, inputs, weights, create_graph=True)
        _require_history(weighted, _LINEAR, strict)
        products = _gradients(weighted, weights, v, create_graph=create_graph)
        products = _filled(products, outputs, strict, create_graph, _TRICK, _CONSTANT_JACOBIAN)
    return _finished(outputs, create_graph, is_output_tuple), _finished(products, create_graph, is_output_tuple)


def vhp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(*inputs), v H): the value, one element, and the product of a vector and the Hessian in the shapes of the inputs.

    `inputs` and `v`, which has their shapes, are tensors or tuples of tensors. `v` may be left out if there is one input of
    one element. Raises TypeError for what is no tensor; RuntimeError if `func` returns more than one element, for a `v` that
    does not fit, and in strict mode if the gradient does not depend on an input.
    """
    with enable_grad():
        is_tuple, inputs, v, value, gradient = _first_order("vhp", func, inputs, v, create_graph, strict)
        products = _gradients(gradient, inputs, v, create_graph=create_graph)
        products = _filled(products, inputs, strict, create_graph, _NO_JACOBIAN, _CONSTANT_HESSIAN)
    return _finished(value, create_graph, False), _finished(products, create_graph, is_tuple)


def hvp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(*inputs), H v): the value, one element, and the product of the Hessian and a vector in the shapes of the inputs.

    As the Hessian of a twice differentiable function is symmetric, `vhp` gives the same, and faster: this goes backward once
    more, as `jvp` does. Arguments and errors are those of `vhp`.
    """
    with enable_grad():
        is_tuple, inputs, v, value, gradient = _first_order("hvp", func, inputs, v, create_graph, strict)
        weights = tuple([zeros_like(input, requires_grad=True) for input in inputs])
        weighted = _gradients(gradient, inputs, weights, create_graph=True)
        products = _gradients(weighted, weights, v, create_graph=create_graph)
        products = _filled(products, inputs, strict, create_graph, _TRICK_HESSIAN, _CONSTANT_HESSIAN)
    return _finished(value, create_graph, False), _finished(products, create_graph, is_tuple)


def _first_order(function, func, inputs, v, create_graph, strict):
    """What `vhp` and `hvp` start from: the inputs, the vector, the value of `func` and its gradient."""
    is_tuple, inputs = _tensors(inputs, "inputs", function)
    inputs = _prepared(inputs, create_graph)
    v = _input_vector(v, inputs, is_tuple, create_graph, function)
    value = _scalar(func(*inputs), function, strict)
    gradient = _gradients((value,), inputs, create_graph=True)
    _require_history(gradient, _LINEAR_HESSIAN, strict)
    return is_tuple, inputs, v, (value,), gradient


def _scalar(outputs, function, strict):
    is_tuple, outputs = _results(outputs, function)
    _require_history(outputs, _NO_OUTPUT_GRAD, strict)
    if is_tuple:
        raise RuntimeError(f"The function given to {function} should return a single Tensor")
    if outputs[0].numel() != 1:
        raise RuntimeError(f"The Tensor returned by the function given to {function} should contain a single element")
    return outputs[0]


# ---- matrices ------------------------------------------------------------------------------------------------------------
def jacobian(func, inputs, create_graph=False, strict=False, vectorize=False, strategy="reverse-mode"):
    """The derivatives of all outputs with respect to all inputs: for output i and input j a tensor of shape [*i, *j].

    A tuple of outputs gives a tuple, whose items are tuples if there is a tuple of inputs. `vectorize` computes all rows at
    once. `strategy`: "reverse-mode", a backward for each element of the outputs, or "forward-mode", a pass for each element of
    the inputs, which needs `vectorize`. Raises TypeError for what is no tensor, AssertionError for another strategy,
    RuntimeError in strict mode if an output does not depend on an input, RuntimeError or NotImplementedError where options
    cannot be combined.
    """
    if strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs than '
            'inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use "reverse-mode".'
        )
    if strategy == "forward-mode":
        return _forward_jacobian(func, inputs, create_graph, strict, vectorize)
    with enable_grad():
        is_tuple, inputs = _tensors(inputs, "inputs", "jacobian")
        inputs = _prepared(inputs, create_graph)
        is_output_tuple, outputs = _results(func(*inputs), "jacobian")
        _require_history(outputs, _NO_OUTPUT_GRAD, strict)
        if vectorize and strict:
            raise RuntimeError("torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported "
                               "together. Please either set `strict=False` or `vectorize=False`.")
        if vectorize:
            rows = _all_rows(outputs, inputs, create_graph)
        else:
            rows = [_rows_of(output, i, inputs, create_graph, strict) for i, output in enumerate(outputs)]
        matrices = [_finished(row, create_graph, is_tuple) for row in rows]
    return tuple(matrices) if is_output_tuple else matrices[0]


def _rows_of(output, position, inputs, create_graph, strict):
    """The Jacobians of one output, a backward for each of its elements."""
    rows = []
    for element in output.reshape(-1):
        row = _gradients((element,), inputs, retain_graph=True, create_graph=create_graph)
        for index, gradient in enumerate(row if strict else ()):
            if gradient is None:
                raise RuntimeError(f"Output {position} of the user-provided function is independent of input {index}. "
                                   f"{_NOT_STRICT}.")
            if create_graph and not gradient.requires_grad:
                raise RuntimeError(_CONSTANT_JACOBIAN.format(position))
        rows.append([zeros_like(value) if g is None else g for g, value in zip(row, inputs, strict=True)])
    return tuple([stack([row[j] for row in rows]).reshape((*output.shape, *value.shape)) for j, value in enumerate(inputs)])


def _all_rows(outputs, inputs, create_graph):
    """The Jacobians of all outputs from one backward of a batch: a unit vector for each of their elements."""
    sizes = [output.numel() for output in outputs]
    flat = [output.reshape(-1) for output in outputs if sum(sizes)]  # a batch of nothing has no gradients
    found = _gradients(flat, inputs, _unit_vectors(flat), create_graph=create_graph, is_grads_batched=True)
    columns = []
    for gradient, value in zip(found, inputs, strict=True):
        whole = zeros_like(value).expand(sum(sizes), *value.shape) if gradient is None else gradient
        columns.append([part.reshape((*output.shape, *value.shape))
                        for part, output in zip(whole.split(sizes), outputs, strict=True)])
    return list(zip(*columns, strict=True))


def _unit_vectors(tensors):
    """The identity matrix over the elements of all tensors, cut into columns: for each tensor its part of all unit vectors."""
    sizes = [tensor.numel() for tensor in tensors]
    parts = [tensor.new_zeros(sum(sizes), size) for tensor, size in zip(tensors, sizes, strict=True)]
    start = 0
    for part, size in zip(parts, sizes, strict=True):
        part[start:start + size] = eye(size, dtype=part.dtype)
        start += size
    return parts


def _forward_jacobian(func, inputs, create_graph, strict, vectorize):
    """`jacobian` going forward, with a batch of tangents: a unit vector for each element of the inputs."""
    if create_graph:
        raise NotImplementedError(_REVERSE_ONLY.format("create_graph"))
    if strict:
        raise RuntimeError(_REVERSE_ONLY.format("strict"))
    is_tuple, inputs = _tensors(inputs, "inputs", "jacobian")
    if not vectorize:
        raise NotImplementedError("Computing Jacobian using forward-AD or forward-over-reverse Hessian isonly implemented for "
                                  "`vectorize=True`.")
    found = {}

    def pushed(*tangents):
        found["is_tuple"], outputs, tangents = _pushed_forward(func, inputs, tangents)
        found["shapes"] = [output.shape for output in outputs]
        return tangents

    columns = mapped(pushed)(*_unit_vectors(inputs))
    matrices = [_finished(_cut(whole, shape, inputs), True, is_tuple)
                for whole, shape in zip(columns, found["shapes"], strict=True)]
    return tuple(matrices) if found["is_tuple"] else matrices[0]


def _pushed_forward(func, inputs, tangents):
    """Whether `func` returns a tuple, its outputs, and their tangents."""
    from . import forward_ad

    with forward_ad.dual_level():
        duals = [forward_ad.make_dual(value, tangent.view_as(value)) for value, tangent in zip(inputs, tangents, strict=True)]
        is_tuple, outputs = _tensors(func(*duals), "outputs", None)
        pairs = [forward_ad.unpack_dual(output) for output in outputs]
    return is_tuple, [value for value, _ in pairs], tuple([zeros_like(value) if t is None else t for value, t in pairs])


def _cut(columns, shape, inputs):
    """The Jacobians of an output of that shape; `columns` has its derivatives, those with respect to each element in front."""
    parts = columns.split([value.numel() for value in inputs])
    return tuple([part.movedim(0, -1).reshape((*shape, *value.shape)) for part, value in zip(parts, inputs, strict=True)])


def hessian(func, inputs, create_graph=False, strict=False, vectorize=False, outer_jacobian_strategy="reverse-mode"):
    """The second derivatives of a function of one element: for inputs i and j a tensor of shape [*i, *j].

    A tuple of inputs gives a tuple of tuples. The Jacobian of the gradient; `vectorize` and `outer_jacobian_strategy` are
    those of that `jacobian`. Raises RuntimeError if `func` returns more than one element, and what `jacobian` raises.
    """
    is_tuple, inputs = _tensors(inputs, "inputs", "hessian")
    if outer_jacobian_strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError('Expected strategy to be either "forward-mode" or "reverse-mode".')

    def value(*inputs):
        return _scalar(func(*inputs), "hessian", strict).squeeze()

    def gradient(*inputs):
        if outer_jacobian_strategy == "forward-mode":
            inputs = tuple([tensor.requires_grad_() for tensor in inputs])
        found = jacobian(value, inputs, create_graph=True)
        _require_history(found, _LINEAR_HESSIAN, strict)
        return found

    rows = jacobian(gradient, inputs, create_graph=create_graph, strict=strict, vectorize=vectorize,
                    strategy=outer_jacobian_strategy)
    return rows if is_tuple else rows[0][0]
