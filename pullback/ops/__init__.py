"""Operations. Each family registers its public functions in `FUNCTIONS`; importing this gathers all families."""

from . import (addmm, binary, contract, einsum, extrema, inplace, products, reduce, scan, shape, statistics, unary)
from .record import FUNCTIONS, RECORDS
