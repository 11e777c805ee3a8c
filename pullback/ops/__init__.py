"""Operations. Each family registers its public functions in `FUNCTIONS`; importing this gathers all families."""

from . import (
    activation,
    addmm,
    arrange,
    axes,
    binary,
    contract,
    gather,
    index,
    index_put,
    inplace,
    join,
    layer,
    masked,
    old_order,
    piecewise,
    reduce,
    retype,
    select,
    shape,
    sizes,
    softmax,
    ternary,
    unary,
    window,
)
from .record import FUNCTIONS, RECORDS

globals().update({name: function.call for name, function in FUNCTIONS.items() if name not in globals()})
