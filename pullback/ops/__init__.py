"""Operations. Each family registers its public functions in `FUNCTIONS`; importing this gathers all families."""

from . import (
    activation,
    addmm,
    binary,
    contract,
    einsum,
    extrema,
    index,
    inplace,
    join,
    layer,
    old_order,
    piecewise,
    products,
    reduce,
    scan,
    shape,
    softmax,
    statistics,
    ternary,
    unary,
)
from .record import FUNCTIONS, RECORDS

globals().update({name: function.call for name, function in FUNCTIONS.items() if name not in globals()})
