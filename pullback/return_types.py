"""The named tuples that functions with several results return, printed as torch prints them."""

from collections import namedtuple

__all__ = []


def _structure(name, fields):
    base = namedtuple(name, fields)

    def __new__(cls, *values):
        """From the values, or from one sequence of them."""
        if len(values) == 1 and len(fields.split()) > 1:
            (values,) = values
        return base.__new__(cls, *values)

    def __repr__(self):
        items = ",\n".join(f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True))
        return f"torch.return_types.{name}(\n{items})"

    body = {"__new__": __new__, "__repr__": __repr__, "__slots__": (), "__module__": __name__,
            "__reduce__": lambda self: (type(self), tuple(self)),
            "__doc__": f"What torch.{name} returns: {', '.join(fields.split())}."}
    globals()[name] = type(name, (base,), body)
    __all__.append(name)


for _name in ("max", "min", "median", "nanmedian", "mode", "cummax", "cummin", "sort", "topk", "kthvalue"):
    _structure(_name, "values indices")
_structure("aminmax", "min max")
_structure("histogram", "hist bin_edges")
