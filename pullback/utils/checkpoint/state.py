"""What must be as it was when a function is run again: the random numbers. The CPU has all of them."""

from contextlib import contextmanager

from ...random import get_rng_state, set_rng_state


class Randomness:
    """The state of the generator at the time of a forward, to be given back to its second run."""

    def __init__(self, preserve):
        self.state = get_rng_state() if preserve else None

    @contextmanager
    def again(self):
        """Context manager: inside, random numbers are those of the forward; after, as if nothing had happened."""
        if self.state is None:
            yield
            return
        before = get_rng_state()
        set_rng_state(self.state)
        try:
            yield
        finally:
            set_rng_state(before)


class DefaultDeviceType:
    """The type of device whose random numbers are kept besides the CPU's: the CPU, as there is no other."""

    _type = "cpu"

    @staticmethod
    def set_device_type(device="cuda"):
        """Note a type of device; without effect, as there are no tensors on it."""
        DefaultDeviceType._type = device

    @staticmethod
    def get_device_type():
        """The type that was set, "cpu" at first."""
        return DefaultDeviceType._type


def get_device_states(*args):
    """The devices, other than the CPU, of the tensors among `args`, and the states of their generators: none."""
    return [], []


def set_device_states(devices, states, *, device_type=None):
    """Set the generators of devices other than the CPU, of which there are none."""
