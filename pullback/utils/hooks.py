"""Handles that take a registered hook out again. Depends on nothing but the standard library."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any

__all__ = ["RemovableHandle"]

_ids = itertools.count()


def _reference(mapping: MutableMapping) -> Callable[[], MutableMapping | None]:
    """A weak reference where the mapping allows one: a handle must not keep the module or graph behind it alive."""
    try:
        return weakref.ref(mapping)
    except TypeError:  # a plain dict cannot be referenced weakly
        return lambda: mapping


class RemovableHandle:
    """What every `register_*hook` returns: `remove()` takes the hook out; used in a `with`, leaving the block does.

    `hooks_dict` maps hook ids to hooks. `extra_dict` is one more mapping, or a list of them, keyed by the same ids
    (flags of the hook), from which the id is removed as well. Removing twice is allowed.
    """

    id: int

    def __init__(self, hooks_dict: MutableMapping, *, extra_dict: MutableMapping | Iterable | None = None) -> None:
        self.id = next(_ids)
        self.hooks_dict_ref = _reference(hooks_dict)
        if extra_dict is None:
            extra_dict = ()
        elif isinstance(extra_dict, MutableMapping):
            extra_dict = (extra_dict,)
        self.extra_dict_ref = tuple(_reference(extra) for extra in extra_dict)

    def _mappings(self) -> list[MutableMapping]:
        found = (ref() for ref in (self.hooks_dict_ref, *self.extra_dict_ref))
        return [mapping for mapping in found if mapping is not None]

    def remove(self) -> None:
        """Remove the hook. Does nothing if it is gone already."""
        for mapping in self._mappings():
            mapping.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.remove()

    def __getstate__(self) -> tuple:
        return self.hooks_dict_ref(), self.id, tuple(ref() for ref in self.extra_dict_ref)

    def __setstate__(self, state: tuple) -> None:
        hooks_dict, self.id, extras = state
        self.hooks_dict_ref = _reference({} if hooks_dict is None else hooks_dict)
        self.extra_dict_ref = tuple(_reference({} if extra is None else extra) for extra in extras)
