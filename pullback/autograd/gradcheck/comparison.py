"""The Jacobians of a case compared: element by element, or along one random direction."""

from functools import partial
from typing import Any, NamedTuple

from ... import ops
from ...dtypes import promote_types
from ...random import Generator
from . import reports
from .jacobians import (
    backward_jacobian,
    forward_jacobian,
    numerical_jacobian,
    random_direction,
    random_vector,
    unit_directions,
    unit_vectors,
)
from .reports import GradcheckError


class Options(NamedTuple):
    """How derivatives are compared; see `gradcheck`."""

    eps: float
    atol: float
    rtol: float
    nondet_tol: float
    check_grad_dtypes: bool
    fast_mode: bool


class Probes(NamedTuple):
    """Where to look: the `Direction`s in which an input moves and the vectors that weigh an output, by their positions."""

    directions: Any
    vectors: Any

    @classmethod
    def all(cls, case):
        """Every element on its own."""
        return cls(lambda i: unit_directions(case.inputs[i]), lambda j: unit_vectors(case.outputs[j]))

    @classmethod
    def random(cls, case):
        """One random direction each, the same in every run."""
        generator = Generator()
        directions = {i: [random_direction(case.inputs[i], generator)] for i in case.variables}
        vectors = {j: [random_vector(case.outputs[j], generator)] for j in case.results if not case.forward}
        return cls(directions.get, vectors.get)


def compare(case, options):
    """Raise GradcheckError unless the derivatives of the case are what central differences give."""
    probes = (Probes.random if options.fast_mode else Probes.all)(case)
    measured = [numerical_jacobian(case, i, probes.directions(i), options.eps) for i in case.variables]
    if not case.results:
        _expect_zeros(measured, options)
        return
    measured = [[jacobians[j] for j in case.results] for jacobians in measured]
    (_compare_fast if options.fast_mode else _compare_slow)(case, probes, measured, options)


def _expect_zeros(measured, options):
    limit = options.nondet_tol if options.fast_mode else 0
    if any([(jacobian.abs() > limit).any() for jacobians in measured for jacobian in jacobians]):
        raise GradcheckError("Numerical gradient for function expected to be zero")


def _compare_slow(case, probes, measured, options):
    for j, row in enumerate(_analytical(case, probes, options)):
        for i, found in enumerate(row):
            if not _close(found, measured[i][j], options.rtol, options.atol):
                raise GradcheckError(reports.mismatch(case, j, i, measured[i][j], found))


def _compare_fast(case, probes, measured, options):
    analytical = list(_analytical(case, probes, options))
    for i, variable in enumerate(case.variables):
        [direction] = probes.directions(variable)
        for j, result in enumerate(case.results):
            expected, found, weight = measured[i][j][0], analytical[j][i], 1.0
            if case.forward:
                found = found[0]
            else:
                [vector] = probes.vectors(result)
                expected, found, weight = (vector * expected).sum(), direction.dot(found[:, 0]), float(vector.sum())
            if not _close(found, expected, options.rtol, options.atol * direction.sum() * weight):
                raise GradcheckError(reports.mismatch(case, j, i, expected, found) + _in_slow_mode(case, j, i, options))


def _in_slow_mode(case, j, i, options):
    """What to say of a mismatch found in fast mode: the two Jacobians in full."""
    probes, variable, result = Probes.all(case), case.variables[i], case.results[j]
    measured = numerical_jacobian(case, variable, probes.directions(variable), options.eps)[result]
    if case.forward:
        found = forward_jacobian(case, variable, probes.directions(variable))[result]
    else:
        found = _backward(case, result, probes)[i]
    return reports.in_slow_mode(measured, found, _close(found, measured, options.rtol, options.atol))


def _analytical(case, probes, options):
    """For each output that requires a gradient the Jacobians with respect to all inputs that do."""
    if case.forward:
        check = _check_tangent if options.check_grad_dtypes else None
        jacobians = [forward_jacobian(case, i, probes.directions(i), check) for i in case.variables]
        return ([of_input[j] for of_input in jacobians] for j in case.results)
    return (_reentrant(partial(_backward, case, j, probes), options.nondet_tol) for j in case.results)


def _backward(case, j, probes):
    return backward_jacobian(case.outputs[j], [case.inputs[i] for i in case.variables], probes.vectors(j))


def _reentrant(jacobians, tolerance):
    """What `jacobians()` returns; it must do so twice."""
    first, second = jacobians(), jacobians()
    if any([((a - b).abs() > tolerance).any() for a, b in zip(first, second, strict=True)]):
        raise GradcheckError(reports.NOT_REENTRANT.format(tolerance))
    return first


def _check_tangent(output, tangent):
    if output.is_complex() != tangent.is_complex():
        raise GradcheckError("Forward AD gradient has dtype mismatch.")


def _close(found, expected, rtol, atol):
    dtype = promote_types(found.dtype, expected.dtype)
    return ops.allclose(found.to(dtype), expected.to(dtype), rtol, atol)
