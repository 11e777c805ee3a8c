"""Writes docs/api.md, which of PyTorch's gradient API is there: `python -m tools.api`. With `--check` it writes nothing, and
fails if the page is out of date.

Whether a name is there is found by looking. The lists below are those of PyTorch 2.13; `NOTES` says where one differs, or why
it is missing.
"""

import argparse
import sys
from importlib import import_module
from pathlib import Path

import pullback

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "api.md"
HEAD = """# The gradient API of PyTorch 2.13, name by name

Written by `python -m tools.api`, which looks into the package; changes by hand are lost. What is meant to differ, beyond the
notes here, is in [tests/conformance/differences.md](../tests/conformance/differences.md). A module's name that is missing raises
AttributeError or ImportError that says so.

{there} of {all} names are there.
"""

MODULES = {
    "torch.autograd":
        "Function NestedIOFunction Variable backward detect_anomaly enable_grad enforce_grad_layout_policy grad grad_mode "
        "gradcheck gradgradcheck inference_mode no_grad set_detect_anomaly set_grad_enabled set_multithreading_enabled variable",
    "torch.autograd.grad_mode":
        "enable_grad enforce_grad_layout_policy inference_mode no_grad set_grad_enabled set_multithreading_enabled",
    "torch.autograd.function":
        "BackwardCFunction Function FunctionCtx FunctionMeta InplaceFunction NestedIOFunction once_differentiable",
    "torch.autograd.functional": "hessian hvp jacobian jvp vhp vjp",
    "torch.autograd.forward_ad": "UnpackedDualTensor dual_level enter_dual_level exit_dual_level make_dual unpack_dual",
    "torch.autograd.graph":
        "GradientEdge Node allow_mutation_on_saved_tensors disable_saved_tensors_hooks get_gradient_edge increment_version "
        "region_activation_memory_budget register_multi_grad_hook save_on_cpu saved_tensors_hooks "
        "set_override_stale_capture_stream set_warn_on_accumulate_grad_stream_mismatch",
    "torch.autograd.gradcheck":
        "GradcheckError get_analytical_jacobian get_numerical_jacobian get_numerical_jacobian_wrt_specific_input gradcheck "
        "gradgradcheck",
    "torch.autograd.anomaly_mode": "detect_anomaly set_detect_anomaly",
    "torch.autograd.variable": "Variable VariableMeta",
    "torch.func":
        "debug_unwrap functional_call functionalize grad grad_and_value hessian jacfwd jacrev jvp linearize rearrange "
        "replace_all_batch_norm_modules_ stack_module_state vjp vmap",
    "torch.utils.checkpoint":
        "CheckpointError CheckpointFunction CheckpointPolicy DefaultDeviceType GraphExecGroup SAC_IGNORED_OPS "
        "SelectiveCheckpointContext check_backward_validity checkpoint checkpoint_sequential "
        "create_selective_checkpoint_contexts detach_variable get_device_states noop_context_fn set_checkpoint_debug_enabled "
        "set_checkpoint_early_stop set_device_states",
}
TENSOR = ("backward detach detach_ grad grad_fn is_leaf output_nr register_hook register_post_accumulate_grad_hook requires_grad "
          "requires_grad_ retain_grad retains_grad unchain_backward")
NODE = "name metadata next_functions register_hook register_prehook requires_grad _saved_result _raw_saved_result _sequence_nr"
CONTEXT = ("save_for_backward save_for_forward saved_tensors needs_input_grad mark_dirty mark_non_differentiable "
           "mark_shared_storage set_materialize_grads")
FUNCTION = ("apply forward setup_context backward vjp jvp vmap generate_vmap_rule boxed_grads_call "
            "clear_saved_tensors_on_access")

OLD = "there in PyTorch for old programs only; use `Function`"
LAYOUT = "a switch of PyTorch's engine for the strides of gradients"
NO_CUDA = "there are no CUDA streams"
DEPRECATED = "deprecated in PyTorch; use `gradcheck`"
IN_CONTEXT = "the mode belongs to the context: a block may be nested in itself, and tasks do not see each other's"
NOTES = {
    "torch.autograd.NestedIOFunction": OLD,
    "torch.autograd.enforce_grad_layout_policy": LAYOUT,
    "torch.autograd.set_multithreading_enabled": "accepted; a backward runs in the thread that calls it",
    "torch.autograd.detect_anomaly": "belongs to the context; one flag of the process in PyTorch",
    "torch.autograd.set_detect_anomaly": "belongs to the context, and ends with the block it was set in",
    "torch.autograd.Variable": "`volatile` works in the legacy era: see [legacy.md](legacy.md)",
    "torch.autograd.gradcheck": "outputs without derivatives are passed over, wherever they stand",
    "torch.autograd.grad_mode.enforce_grad_layout_policy": LAYOUT,
    "torch.autograd.grad_mode.no_grad": IN_CONTEXT,
    "torch.autograd.grad_mode.enable_grad": IN_CONTEXT,
    "torch.autograd.grad_mode.set_grad_enabled": "entered later, it restores what was there when the block was entered",
    "torch.autograd.grad_mode.inference_mode": IN_CONTEXT,
    "torch.autograd.function.BackwardCFunction": "internal to PyTorch; the context is a `FunctionCtx`",
    "torch.autograd.function.FunctionMeta": "the metaclass has another name; use `type(Function)`",
    "torch.autograd.function.InplaceFunction": OLD,
    "torch.autograd.function.NestedIOFunction": OLD,
    "torch.autograd.functional.jacobian": "a tuple in forward mode as well, where PyTorch returns a list",
    "torch.autograd.forward_ad.make_dual": "tangents are never written to",
    "torch.autograd.graph.save_on_cpu": "everything is on the CPU; `pin_memory` makes copies",
    "torch.autograd.graph.register_multi_grad_hook": "works with leaves under `autograd.grad`, too",
    "torch.autograd.graph.region_activation_memory_budget": "a setting of PyTorch's compiler",
    "torch.autograd.graph.set_override_stale_capture_stream": NO_CUDA,
    "torch.autograd.graph.set_warn_on_accumulate_grad_stream_mismatch": NO_CUDA,
    "torch.autograd.gradcheck.get_analytical_jacobian": DEPRECATED,
    "torch.autograd.gradcheck.get_numerical_jacobian": DEPRECATED,
    "torch.autograd.gradcheck.get_numerical_jacobian_wrt_specific_input": "a part of PyTorch's `gradcheck`; use that",
    "torch.autograd.gradcheck.gradcheck": "outputs without derivatives are passed over, wherever they stand",
    "torch.autograd.variable.VariableMeta": "the metaclass has another name; use `type(Variable)`",
    "torch.func.functionalize": "takes in-place writes out of a function, for compilers that need it",
    "torch.func.rearrange": "use `reshape`, `permute` and `movedim`",
    "torch.func.grad": "captured tensors keep their history inside, and may be written to",
    "torch.func.linearize": "keeps the graph of the function and of its vjp, where PyTorch traces `jvp`",
    "torch.func.vmap": "errors speak of one sample's shape",
    "torch.utils.checkpoint.GraphExecGroup": "recomputes once for several backwards over parts of one graph",
    "torch.utils.checkpoint.SAC_IGNORED_OPS": "a set of PyTorch's internal operators",
    "torch.utils.checkpoint.checkpoint": "early stop comes after the last operation whose values are kept",
    "torch.utils.checkpoint.create_selective_checkpoint_contexts":
        "policies are given the public functions (`torch.mm`), and are not asked about views",
    "Tensor.unchain_backward": "pullback's own, after Chainer's: cuts off all the history behind a tensor",
    "Tensor.register_hook": "on a view: stays with the values it was registered for",
    "Tensor.register_post_accumulate_grad_hook": "not called if the leaf requires no gradient at the time of the backward",
    "Node.name": "of a few composite operations, that of the whole",
    "Node._saved_result": "as an example of `_saved_*`; windows and indices kept in another form are not shown",
    "Node._raw_saved_result": "as an example of `_raw_saved_*`",
    "FunctionCtx.mark_shared_storage": "deprecated in PyTorch, where it does nothing",
    "Function.forward": "on an instance, as before 0.4, in the legacy era",
    "Function.boxed_grads_call": "gives backward its gradients as one list, to free them",
    "Function.clear_saved_tensors_on_access": "lets `saved_tensors` be freed as soon as they are read",
    "Function.vmap": "`in_dims` are 0 or None: batches are moved to the front",
    "Function.jvp": "may be differentiated forward again",
}


def homes():
    """What is looked into: its title, the object, and the names PyTorch has there."""
    for title, names in MODULES.items():
        yield title, import_module(title.replace("torch", pullback.__name__, 1)), names
    function = pullback.autograd.function
    yield "Tensor", pullback.Tensor, TENSOR
    yield "Node", pullback.ones(1, requires_grad=True).exp().grad_fn, NODE
    yield "FunctionCtx", function.FunctionCtx, CONTEXT
    yield "Function", function.Function, FUNCTION


def rows():
    """Triples (title, name, whether it is there), in the order of the page."""
    return [(title, name, hasattr(home, name)) for title, home, names in homes() for name in names.split()]


def page():
    """The page as it should be now."""
    found = rows()
    lines, last = [HEAD.format(there=sum(there for *_, there in found), all=len(found))], None
    for title, name, there in found:
        if title != last:
            lines.append(f"\n## {title}\n\n| name | there | note |\n|---|---|---|\n")
            last = title
        lines.append(f"| `{name}` | {'yes' if there else 'no'} | {NOTES.get(f'{title}.{name}', '')} |\n")
    return "".join(lines)


def main(argv=None):
    """Write the page, or check it; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, and fail if the page is out of date")
    options = parser.parse_args(argv)
    fresh = page()
    if PAGE.exists() and PAGE.read_text() == fresh:
        return 0
    print(f"{PAGE.relative_to(ROOT)} {'is out of date' if options.check else 'written'}")
    if options.check:
        return 1
    PAGE.write_text(fresh)
    return 0


if __name__ == "__main__":
    sys.exit(main())
