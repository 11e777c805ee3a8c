"""torch.random: the state of the default generator, as tensors."""

from contextlib import contextmanager

from . import generator as _generator
from .factories import made

__all__ = ["Generator", "default_generator", "fork_rng", "get_rng_state", "initial_seed", "manual_seed", "seed",
           "set_rng_state"]


class Generator(_generator.Generator):
    """A source of random numbers with its own state: `Generator().manual_seed(0)`. Its numbers are torch's."""

    __module__ = "pullback"

    def get_state(self):
        """The state as a tensor of 5056 bytes (uint8), the same that torch's CPU generator would give."""
        return made(super().get_state())

    def graphsafe_get_state(self):
        """A generator in the same state."""
        return self.clone_state()


default_generator = _generator.default_generator
default_generator.__class__ = Generator


def manual_seed(seed):
    """Seed the default generator; returns it. From the same seed come the numbers torch draws on the CPU."""
    return default_generator.manual_seed(int(seed))


def seed():
    """Seed the default generator from the operating system; returns the 64-bit seed."""
    return default_generator.seed()


def initial_seed():
    """The last seed of the default generator."""
    return default_generator.initial_seed()


def get_rng_state():
    """The state of the default generator, a tensor of bytes."""
    return default_generator.get_state()


def set_rng_state(new_state):
    """Put the default generator into a state that `get_rng_state` returned. Raises TypeError or RuntimeError on others."""
    default_generator.set_state(new_state)


@contextmanager
def fork_rng(devices=None, enabled=True, _caller="fork_rng", _devices_kw="devices", device_type=None):
    """Inside the block random numbers are drawn as usual; at its end the generator is back where it was."""
    before = get_rng_state() if enabled else None
    try:
        yield
    finally:
        if before is not None:
            set_rng_state(before)
