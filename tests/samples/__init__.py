"""Sample calls of every public operation, gathered from the modules of this folder: name -> samples."""

import importlib
import pkgutil

from .sample import Sample

SAMPLES: dict[str, list[Sample]] = {}
for _module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
    if _module != "sample":
        for _name, _samples in importlib.import_module(f"{__name__}.{_module}").SAMPLES.items():
            SAMPLES.setdefault(_name, []).extend(_samples)
