"""Process-wide switches and constants of torch that programs set and read."""

import math
import os

inf, nan, pi, e = math.inf, math.nan, math.pi, math.e
_threads = os.cpu_count() or 1
_deterministic = False


class memory_format:
    """How a tensor's dimensions are laid out. pullback's operations return row-major ones."""

    __module__ = "pullback"

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f"torch.{self.name}"


class layout(memory_format):
    """How a tensor's elements are stored: all, one after another, in `strided` ones."""

    __module__ = "pullback"


contiguous_format, preserve_format = memory_format("contiguous_format"), memory_format("preserve_format")
channels_last, channels_last_3d = memory_format("channels_last"), memory_format("channels_last_3d")
strided = layout("strided")


def get_num_threads():
    """How many threads matrix products may use."""
    return _threads


def set_num_threads(num):
    """Let matrix products use `num` threads, where threadpoolctl is installed to tell NumPy's BLAS.

    Raises RuntimeError unless `num` is positive.
    """
    global _threads
    if num <= 0:
        raise RuntimeError("set_num_threads expects a positive integer")
    _threads = num
    try:
        import threadpoolctl
    except ImportError:
        return
    threadpoolctl.threadpool_limits(num)


def get_num_interop_threads():
    """1: operations run one after another."""
    return 1


def set_num_interop_threads(num):
    """Accepted and without effect: operations run one after another."""


def use_deterministic_algorithms(mode, *, warn_only=False):
    """Accepted: every operation is deterministic already."""
    global _deterministic
    _deterministic = bool(mode)


def are_deterministic_algorithms_enabled():
    """What `use_deterministic_algorithms` was last given."""
    return _deterministic


def set_float32_matmul_precision(precision):
    """Accepted: products of float32 matrices are computed in float32. Raises RuntimeError on an unknown precision."""
    if precision not in ("highest", "high", "medium"):
        raise RuntimeError(f"Invalid float32 matmul precision: {precision}")


PUBLIC = ("are_deterministic_algorithms_enabled", "channels_last", "channels_last_3d", "contiguous_format", "e",
          "get_num_interop_threads", "get_num_threads", "inf", "layout", "memory_format", "nan", "pi", "preserve_format",
          "set_float32_matmul_precision", "set_num_interop_threads", "set_num_threads", "strided",
          "use_deterministic_algorithms")
