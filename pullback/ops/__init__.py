"""Operations. Each family registers its public functions in `FUNCTIONS`; importing this gathers all families."""

from . import (
    activation,
    addmm,
    arrange,
    axes,
    binary,
    contract,
    einsum,
    extrema,
    index,
    inplace,
    join,
    layer,
    loss,
    nll,
    old_order,
    piecewise,
    products,
    reduce,
    reduction,
    retype,
    scan,
    shape,
    sizes,
    softmax,
    special,
    statistics,
    ternary,
    unary,
    window,
)
from .record import FUNCTIONS, RECORDS

globals().update({name: function.call for name, function in FUNCTIONS.items() if name not in globals()})
