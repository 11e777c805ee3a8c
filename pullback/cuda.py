"""torch.cuda where there is no CUDA: it says so, and what only concerns devices that are not there does nothing."""

from .missing import missing_names


def is_available():
    """False: pullback computes on the CPU."""
    return False


def device_count():
    """0."""
    return 0


def is_initialized():
    """False: there is nothing to initialise."""
    return False


def manual_seed(seed):
    """Seed the generator of the current device: there is none, so nothing happens."""


def manual_seed_all(seed):
    """Seed the generators of all devices: there is none, so nothing happens."""


def empty_cache():
    """Free cached device memory: there is none, so nothing happens."""


def synchronize(device=None):
    """Wait for a device: there is none to wait for. Raises AssertionError, as torch's CPU build does."""
    raise AssertionError("Torch not compiled with CUDA enabled")


current_device = set_device = synchronize


__getattr__ = missing_names(__name__)
