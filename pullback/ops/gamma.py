"""The logarithm of the gamma function, and its derivatives: lgamma, digamma, polygamma.

lgamma: W. J. Cody and K. E. Hillstrom, Chebyshev approximations for the natural logarithm of the gamma function, Math. Comp.
21 (1967), 198-203, with the coefficients of Cody's program ALGAMA. The derivatives: recurrence to large arguments, there the
asymptotic series (Abramowitz and Stegun, 6.3.18 and 6.4.11), and reflection (6.3.7, 6.4.7).
"""

import math

import numpy as np

from .. import dtypes, errors
from ..graph import Tensor
from .apply import apply
from .blocks import by_cases, in_blocks, no_numbers, ratio
from .elementwise import elementwise
from .public import function
from .record import Op

# Highest power first.
_P1 = (
    4.945235359296727046734888e0,
    2.018112620856775083915565e2,
    2.290838373831346393026739e3,
    1.131967205903380828685045e4,
    2.855724635671635335736389e4,
    3.848496228443793359990269e4,
    2.637748787624195437963534e4,
    7.225813979700288197698961e3,
)
_Q1 = (
    1.0,
    6.748212550303777196073036e1,
    1.113332393857199323513008e3,
    7.738757056935398733233834e3,
    2.763987074403340708898585e4,
    5.499310206226157329794414e4,
    6.161122180066002127833352e4,
    3.635127591501940507276287e4,
    8.785536302431013170870835e3,
)
_P2 = (
    4.974607845568932035012064e0,
    5.424138599891070494101986e2,
    1.550693864978364947665077e4,
    1.847932904445632425417223e5,
    1.088204769468828767498470e6,
    3.338152967987029735917223e6,
    5.106661678927352456275255e6,
    3.074109054850539556250927e6,
)
_Q2 = (
    1.0,
    1.830328399370592604055942e2,
    7.765049321445005871323047e3,
    1.331903827966074194402448e5,
    1.136705821321969608938755e6,
    5.267964117437946917577538e6,
    1.346701454311101692290052e7,
    1.782736530353274213975932e7,
    9.533095591844353613395747e6,
)
_P4 = (
    1.474502166059939948905062e4,
    2.426813369486704502836312e6,
    1.214755574045093227939592e8,
    2.663432449630976949898078e9,
    2.940378956634553899906876e10,
    1.702665737765398868392998e11,
    4.926125793377430887588120e11,
    5.606251856223951465078242e11,
)
_Q4 = (
    -1.0,
    2.690530175870899333379843e3,
    6.393885654300092398984238e5,
    4.135599930241388052042842e7,
    1.120872109616147941376570e9,
    1.488613728678813811542398e10,
    1.016803586272438228077304e11,
    3.417476345507377132798597e11,
    4.463158187419713286462081e11,
)
_D1, _D2, _D4 = -0.5772156649015328605195174, 0.4227843350984671393993777, 1.791759469228055000094023
_STIRLING = (
    -1.910444077728e-3,
    8.4171387781295e-4,
    -5.952379913043012e-4,
    7.93650793500350248e-4,
    -2.777777777777681622553e-3,
    8.333333333333333331554247e-2,
)
_HALF_LOG_TWO_PI = 0.9189385332046727417803297
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)  # B2, B4, ...
_LARGE = 10  # from here on the asymptotic series are exact to double precision
_EXACT = 2.0**52  # from here on every double is an integer


# ---- lgamma ------------------------------------------------------------------------------------------------------------------
def _one(x):
    return (x - 0.5) - 0.5


def _near_one(x):
    t = _one(x)
    return t * (_D1 + t * ratio(t, _P1, _Q1))


def _near_two(t):
    return t * (_D2 + t * ratio(t, _P2, _Q2))


def _near_four(x):
    t = x - 4
    return _D4 + t * ratio(t, _P4, _Q4)


def _stirling(x):
    square = x * x
    tail = np.zeros_like(x)
    for c in _STIRLING:
        tail = tail / square + c
    log = np.log(x)
    return tail / x + _HALF_LOG_TWO_PI - 0.5 * log + x * (log - 1)


def _sin_pi(x):
    """sin(pi x), exact at integers."""
    return np.sin(np.pi * (x - 2 * np.round(0.5 * x)))


def _reflected(x):
    positive = np.empty_like(x)
    _lgamma_positive(1 - x, positive)
    return np.log(np.pi / np.abs(_sin_pi(x))) - positive


_lgamma_positive = by_cases(
    [
        (lambda x: np.isinf(x), np.abs),
        (lambda x: (x > 0) & (x <= 0.5), lambda x: -np.log(x) + x * (_D1 + x * ratio(x, _P1, _Q1))),
        (lambda x: (x > 0.5) & (x < 0.6796875), lambda x: -np.log(x) + _near_two(_one(x))),
        (lambda x: (x > 0.5) & (x <= 1.5), _near_one),
        (lambda x: (x > 0) & (x <= 4), lambda x: _near_two(x - 2)),
        (lambda x: (x > 0) & (x <= 12), _near_four),
        (lambda x: x > 0, _stirling),
    ]
)
_lgamma_any = by_cases(
    [
        (lambda x: (x <= 0) & (x == np.floor(x)), lambda x: np.full_like(x, np.inf)),
        (lambda x: x < 0, _reflected),
        (None, lambda x: _positive(x)),
    ]
)


def _positive(x):
    result = np.empty_like(x)
    _lgamma_positive(x, result)
    return result


def _lgamma(x):
    no_numbers(x)
    return in_blocks(_lgamma_any, x)


# ---- digamma -----------------------------------------------------------------------------------------------------------------
def _digamma_positive(x):
    total = np.zeros_like(x)
    for _ in range(_LARGE):
        small = x < _LARGE
        if not small.any():
            break
        total -= np.where(small, 1 / x, 0)
        x = np.where(small, x + 1, x)
    square = 1 / (x * x)
    series = np.zeros_like(x)
    for n in range(len(_BERNOULLI), 0, -1):
        series = (series + _BERNOULLI[n - 1] / (2 * n)) * square
    return total + np.log(x) - 0.5 / x - series


def _digamma_reflected(x):
    # pi / tan(pi x), with x brought near zero first
    near = x - np.round(x)
    return _digamma_positive(1 - x) - np.pi / np.tan(np.pi * near)


_digamma_any = by_cases(
    [
        (lambda x: x == 0, lambda x: np.copysign(np.inf, -x)),
        (lambda x: x == np.inf, np.abs),
        (lambda x: (x < 0) & (x == np.floor(x)), lambda x: np.full_like(x, np.nan)),
        (lambda x: x < 0, _digamma_reflected),
        (lambda x: x > 0, _digamma_positive),
    ]
)


def _digamma(x):
    no_numbers(x)
    return in_blocks(_digamma_any, x)


# ---- polygamma ---------------------------------------------------------------------------------------------------------------
def _trigamma_reflected(x):
    sine = _sin_pi(x)
    return (np.pi / sine) ** 2 - _zeta_sum(1, 1 - x)


def _zeta_sum(n, x):
    """The sum over k >= 0 of 1 / (x + k)^(n+1), for x > 0: the first terms, then Euler and Maclaurin's formula."""
    s = n + 1
    total = np.zeros_like(x)
    large = _LARGE + n
    for _ in range(large):
        small = x < large
        if not small.any():
            break
        total += np.where(small, x**-s, 0)
        x = np.where(small, x + 1, x)
    power = x**-s
    total += x * power / n + 0.5 * power
    factor = s * power / x
    for k, bernoulli in enumerate(_BERNOULLI, 1):
        total += bernoulli / math.factorial(2 * k) * factor
        factor = factor * (s + 2 * k - 1) * (s + 2 * k) / (x * x)
    return total


def _at_pole(n):
    return lambda x: np.full_like(x, np.inf if n % 2 else -np.inf)


def _polygamma(x, *, n):
    if x.dtype.kind not in "fV":
        raise errors.refused(("digamma", "trigamma", "polygamma")[min(n, 2)], x.dtype)
    if n == 0:
        return in_blocks(_digamma_any, x)
    scale = math.factorial(n) * (1 if n % 2 else -1)
    if n == 1:
        negative = _trigamma_reflected
    else:  # the terms up to 1 directly, then as for positive numbers

        def negative(x):
            return np.array([_zeta_negative(n, value) for value in x.tolist()])

    cases = [
        (lambda x: x == np.inf, np.zeros_like),
        (lambda x: (x <= 0) & (x == np.floor(x)), _at_pole(n)),
        (lambda x: x < 0, lambda x: scale * negative(x)),
        (lambda x: x > 0, lambda x: scale * _zeta_sum(n, x)),
    ]
    return in_blocks(by_cases(cases), x)


def _zeta_negative(n, x):
    steps = min(math.ceil(-x), 10**6)
    head = math.fsum((x + k) ** -(n + 1) for k in range(steps))
    return head + float(_zeta_sum(n, np.array([x + steps]))[0])


# ---- records -----------------------------------------------------------------------------------------------------------------
lgamma = elementwise("lgamma", _lgamma, lambda x: digamma(x), kind="float", doc="The logarithm of |gamma(input)|.")
digamma = elementwise(
    "digamma",
    _digamma,
    lambda x: _polygamma_op(x, n=1),
    kind="float",
    doc="The logarithmic derivative of the gamma function.",
)
_polygamma_op = Op("polygamma", _polygamma, (lambda g, x, n: g * _polygamma_op(x, n=n + 1),))


@function(out=True, inplace=True)
def polygamma(n, input):
    """The `n`-th derivative of digamma; as a method, `x.polygamma(n)`. Raises RuntimeError on negative `n`."""
    if not isinstance(input, int):
        n, input = input, n
    if input < 0:
        raise RuntimeError("polygamma(n, x) does not support negative n.")
    return apply(_polygamma_op, (_floating(n),), {"n": input})


def _floating(input):
    own = input._array.dtype if isinstance(input, Tensor) else input.dtype
    return input if dtypes.category(own) >= dtypes.FLOATING else input.to(dtypes.get_default_dtype())
