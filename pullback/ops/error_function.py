"""The error function, its complement and its inverse.

Double precision: W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969), 631-637, and
M. J. Wichura, Algorithm AS 241, Appl. Statist. 37 (1988), 477-484. For single precision one rational function of x^2 for
erf(x) / x on |x| < 3.95, fitted here to a relative error of 2e-9 and evaluated in double precision, is enough.
"""

import math

import numpy as np

from ..dtypes import F64
from .blocks import FEW, by_cases, in_blocks, no_numbers, one_by_one, ratio, rational
from .elementwise import elementwise
from .unary import exp

TWO_OVER_ROOT_PI = 2 / math.sqrt(math.pi)

# Highest power first.
_SINGLE_OVER = (-1.296721746223168e-08, 4.640468031452372e-06, 0.000377937824283993, 0.0038433632270783035,
                0.05427476227336524, 0.18516879885214382, 1.1283791692383691)
_SINGLE_UNDER = (6.269281632252538e-05, 0.0013040623251112102, 0.015443707599155648, 0.11391091935514847,
                 0.49743498458634106, 1.0)
_SINGLE_END = 3.95  # from here on erf is 1 in single precision
_A = (1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3)
_B = (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3)
_C = (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1, 2.98635138197400131e2,
      8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3)
_D = (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
      3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3)
_P = (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
      1.60837851487422766e-2, 6.58749161529837803e-4)
_Q = (1.0, 2.56852019228982242e0, 1.87295284992346725e0, 5.27905102951428412e-1, 6.05183413124413191e-2,
      2.33520497626869185e-3)


# ---- erf and erfc ------------------------------------------------------------------------------------------------------------
def _erf_single(x, result):
    np.clip(x, -_SINGLE_END, _SINGLE_END, out=result)
    x = result.copy()
    t = x * x
    rational(t, _SINGLE_OVER, _SINGLE_UNDER, np.empty_like(t), result)
    result *= x


def _near(x):
    """erf for |x| <= 0.46875."""
    return x * ratio(x * x, _A, _B)


def _decay(y):
    """exp(-y^2), with y^2 split so that its rounding does not matter."""
    head = np.trunc(y * 16) / 16
    return np.exp(-head * head) * np.exp(-(y - head) * (y + head))


def _complement(y):
    """erfc for 0.46875 <= y <= 4."""
    return ratio(y, _C, _D) * _decay(y)


def _far(y):
    """erfc for y > 4."""
    t = 1 / (y * y)
    return (0.5 * TWO_OVER_ROOT_PI - t * ratio(t, _P, _Q)) / y * _decay(y)


def _with_sign(function):
    return lambda x: np.copysign(function(np.abs(x)), x)


def _reflected(function):
    """erfc of any sign from erfc of the magnitude."""
    def complement(x):
        value = function(np.abs(x))
        return np.where(x < 0, 2 - value, value)

    return complement


_erf_double = by_cases([
    (lambda x: np.abs(x) <= 0.46875, _near),
    (lambda x: np.abs(x) <= 4, _with_sign(lambda y: 1 - _complement(y))),
    (lambda x: np.abs(x) < 6, _with_sign(lambda y: 1 - _far(y))),
    (lambda x: x == x, np.sign)])
_erfc_double = by_cases([
    (lambda x: np.abs(x) <= 0.46875, lambda x: 1 - _near(x)),
    (lambda x: np.abs(x) <= 4, _reflected(_complement)),
    (lambda x: np.abs(x) < 27.5, _reflected(_far)),
    (lambda x: x == x, lambda x: np.where(x < 0, 2.0, 0.0))])


def erf_array(x):
    """erf of an array of any floating dtype."""
    no_numbers(x)
    if x.size <= FEW:
        return one_by_one(math.erf, x)
    return in_blocks(_erf_double if x.dtype == F64 else _erf_single, x)


def _erfc(x):
    no_numbers(x)
    return one_by_one(math.erfc, x) if x.size <= FEW else in_blocks(_erfc_double, x)


# ---- erfinv ------------------------------------------------------------------------------------------------------------------
_CENTRE_OVER = (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
                1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0)
_CENTRE_UNDER = (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
                 5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0)
_MIDDLE_OVER = (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
                3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0)
_MIDDLE_UNDER = (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
                 6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0)
_TAIL_OVER = (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
              2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0, 6.65790464350110377720e0)
_TAIL_UNDER = (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
               1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0)
_ROOT_HALF = math.sqrt(0.5)


def _centre(x):
    q = 0.5 * x
    return _ROOT_HALF * q * ratio(0.180625 - q * q, _CENTRE_OVER, _CENTRE_UNDER)


def _tails(x):
    r = np.sqrt(-np.log(0.5 * (1 - np.abs(x))))
    near = ratio(r - 1.6, _MIDDLE_OVER, _MIDDLE_UNDER)
    far = ratio(r - 5, _TAIL_OVER, _TAIL_UNDER)
    return np.copysign(_ROOT_HALF * np.where(r <= 5, near, far), x)


_erfinv_double = by_cases([
    (lambda x: np.abs(x) <= 0.85, _centre),
    (lambda x: np.abs(x) < 1, _tails),
    (lambda x: np.abs(x) == 1, lambda x: np.copysign(np.inf, x))])


def _erfinv(x):
    no_numbers(x)
    return in_blocks(_erfinv_double, x)


# ---- records -----------------------------------------------------------------------------------------------------------------
erf = elementwise("erf", erf_array, lambda x: exp(-x * x) * TWO_OVER_ROOT_PI, kind="float", lower="erf",
                  doc="The error function, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to input.")
erfc = elementwise("erfc", _erfc, lambda x: exp(-x * x) * -TWO_OVER_ROOT_PI, kind="float",
                   doc="1 - erf(input), accurate where erf is close to 1.")
erfinv = elementwise("erfinv", _erfinv, lambda o: exp(o * o) / TWO_OVER_ROOT_PI, kind="float",
                     doc="The inverse of erf: infinite at 1 and -1, NaN beyond.")
