"""torch.backends: switches that programs set. There is one backend, so they are kept and change nothing."""

from types import SimpleNamespace

from .missing import missing_names

cudnn = SimpleNamespace(enabled=False, benchmark=False, deterministic=False, allow_tf32=False, is_available=lambda: False)
cuda = SimpleNamespace(matmul=SimpleNamespace(allow_tf32=False), is_built=lambda: False)
mps = SimpleNamespace(is_available=lambda: False, is_built=lambda: False)
mkl = SimpleNamespace(is_available=lambda: False)
mkldnn = SimpleNamespace(is_available=lambda: False)
openmp = SimpleNamespace(is_available=lambda: False)


__getattr__ = missing_names(__name__)
