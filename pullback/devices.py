"""Devices: there is one, the CPU. Naming another is possible, moving to it is not."""

KINDS = ("cpu", "cuda", "ipu", "xpu", "mkldnn", "opengl", "opencl", "ideep", "hip", "ve", "fpga", "maia", "xla", "lazy", "vulkan",
         "mps", "meta", "hpu", "mtia", "privateuseone")


class device:
    """A device name: `device("cpu")`, `device("cuda:1")`, `device("cuda", 1)`. Raises RuntimeError on an unknown kind."""

    __slots__ = ("type", "index")
    __module__ = "pullback"

    def __init__(self, type, index=None):
        if isinstance(type, device):
            type, index = type.type, type.index
        if isinstance(type, int):
            type, index = "cuda", type
        if not isinstance(type, str):
            raise TypeError(f"device(): argument 'device' (position 1) must be str, not {type.__class__.__name__}")
        if index is not None and (not hasattr(index, "__index__") or isinstance(index, bool)):
            raise TypeError(f"device(): argument 'index' (position 2) must be int, not {index.__class__.__name__}")
        if index is not None and index < 0:
            raise RuntimeError("Device index must not be negative")
        kind, colon, number = type.partition(":")
        if kind not in KINDS:
            raise RuntimeError(f"Expected one of {', '.join(KINDS)} device type at start of device string: {type}")
        if colon:
            if not number.isdigit() or (len(number) > 1 and number[0] == "0"):
                raise RuntimeError(f"Invalid device string: '{type}'")
            index = int(number)
        self.type, self.index = kind, index

    def __eq__(self, other):
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self):
        return hash((self.type, self.index))

    def __str__(self):
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self):
        return f"device(type='{self.type}'" + (")" if self.index is None else f", index={self.index})")

    def __reduce__(self):
        return device, (self.type, self.index)


CPU = device("cpu")


def check(where):
    """`where` as a device, if it is the CPU; the error that torch's CPU build raises otherwise."""
    place = where if isinstance(where, device) else device(where)
    if place.type == "cpu":
        return CPU
    if place.type == "cuda":
        raise AssertionError("Torch not compiled with CUDA enabled")
    raise RuntimeError(f"pullback has no {place.type} device: tensors live on the CPU. Use device='cpu'.")
