"""Operations. Each family registers its public functions in `FUNCTIONS`; importing this gathers all families."""

from . import addmm, arrange, axes, binary, contract, index, inplace, join, reduce, retype, shape, sizes, unary, window
from .record import FUNCTIONS, RECORDS
