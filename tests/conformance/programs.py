"""Small programs run by both libraries, statement by statement, and all that can be seen of their tensors afterwards.

A file `programs/NAME.txt` holds many, each under a line `### title`. A comment `# differs` marks a statement that does something
else in PyTorch on purpose, `# differs: v.grad_fn, w.version` what can be seen to differ afterwards; `differences.md` says why.
"""

import ast
import re
import warnings
from pathlib import Path

import numpy as np

from .libraries import LIBRARIES, array_of, first_sentence, grad_fn_name


def programs(name):
    """The programs of a file: title -> text."""
    text = (Path(__file__).parent / "programs" / f"{name}.txt").read_text()
    return {title: body for title, _, body in (part.partition("\n") for part in text.split("### ")[1:])}


def state(T, tensor, names):
    """All that can be seen of a tensor's standing; a base is given by its name among `names`."""
    def attempt(read):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return read()
            except Exception as error:
                return type(error).__name__, first_sentence(error)

    base = attempt(lambda: tensor._base)
    reads = {
        "requires_grad": lambda: tensor.requires_grad, "is_leaf": lambda: tensor.is_leaf, "grad_fn": lambda: grad_fn_name(tensor),
        "version": lambda: tensor._version, "is_view": tensor._is_view, "inference": tensor.is_inference,
        "retains": lambda: tensor.retains_grad, "output_nr": lambda: tensor.output_nr, "dtype": lambda: str(tensor.dtype),
        "stride": lambda: [step for step, size in zip(tensor.stride(), tensor.shape, strict=True) if size > 1],
        "values": lambda: array_of(tensor).tolist(),
        "grad": lambda: None if tensor.grad is None else array_of(tensor.grad).tolist(),
        "base": lambda: next((name for name, other in names.items() if other is base), None if base is None else "another"),
    }
    return {field: attempt(read) for field, read in reads.items()} | {"shape": tuple(tensor.shape)}


def run(T, text):
    """What became of each statement, as (line, error or None), and the state of all tensors that have a name."""
    names, log = {"T": T}, []
    for statement in ast.parse(text).body:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                exec(compile(ast.Module([statement], []), "<program>", "exec"), names)
                log.append((statement.end_lineno, None))
            except Exception as error:
                log.append((statement.end_lineno, (type(error).__name__, first_sentence(error))))
    tensors = {name: value for name, value in names.items() if isinstance(value, T.Tensor)}
    same = {name: [other for other in tensors if tensors[other] is value] for name, value in tensors.items()}
    return log, {name: state(T, value, tensors) | {"same as": same[name]} for name, value in tensors.items()}


def check(text):
    """Run a program in both libraries. Raises AssertionError with all differences that are not marked."""
    (ours, our_tensors), (theirs, their_tensors) = [run(T, text) for T in LIBRARIES]
    lines = text.split("\n")
    marked = set(re.findall(r"[\w.]+\.[\w ]+\w", " ".join(re.findall(r"# differs: (.*)", text))))
    found = [f"{lines[line - 1].strip()}: {mine}, torch {other}" for (line, mine), (_, other) in zip(ours, theirs, strict=True)
             if mine != other and "# differs" not in lines[line - 1]]
    for name in their_tensors:
        if name not in our_tensors:
            found.append(f"{name}: missing")
            continue
        found += [f"{name}.{field}: {our_tensors[name][field]}, torch {other}" for field, other in their_tensors[name].items()
                  if f"{name}.{field}" not in marked and not _alike(field, our_tensors[name][field], other)]
    assert not found, text + "\n" + "\n".join(found)


def _alike(field, ours, theirs):
    if field in ("values", "grad") and ours is not None and theirs is not None and not isinstance(theirs, tuple):
        return np.shape(ours) == np.shape(theirs) and np.allclose(ours, theirs, rtol=1e-5, atol=1e-7)
    if field in ("is_leaf", "grad_fn") and isinstance(theirs, tuple):
        return "its base or another view of its base has been modified inplace" in theirs[1]  # torch refuses to be asked
    if field == "grad_fn" and theirs == "AsStridedBackward0" and ours is not None:
        return True  # of a view whose memory was written without a record
    return ours == theirs
