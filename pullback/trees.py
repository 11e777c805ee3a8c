"""Nested containers taken apart into leaves and a structure, and put together again, under the names of torch.utils._pytree.

Containers are dict, list, tuple, namedtuple, OrderedDict, defaultdict and deque, and what `register_pytree_node` adds;
everything else, None included, is a leaf.
"""

from collections import OrderedDict, defaultdict, deque, namedtuple

__all__ = ["LeafSpec", "TreeSpec", "arg_tree_leaves", "register_pytree_node", "tree_all", "tree_all_only", "tree_any",
           "tree_any_only", "tree_flatten", "tree_is_leaf", "tree_iter", "tree_leaves", "tree_map", "tree_map_",
           "tree_map_only", "tree_map_only_", "tree_structure", "tree_unflatten", "treespec_pprint"]


class _Container:
    """How containers of one type are taken apart, to (children, context), and put together from them."""

    def __init__(self, flatten, unflatten):
        self.flatten, self.unflatten = flatten, unflatten


def _mapping(kind):
    return _Container(lambda tree: (list(tree.values()), list(tree)),
                      lambda values, keys: kind(zip(keys, values, strict=True)))


_CONTAINERS = {
    list: _Container(lambda tree: (tree, None), lambda values, context: list(values)),
    tuple: _Container(lambda tree: (list(tree), None), lambda values, context: tuple(values)),
    namedtuple: _Container(lambda tree: (list(tree), type(tree)), lambda values, kind: kind(*values)),
    dict: _mapping(dict),
    OrderedDict: _mapping(OrderedDict),
    defaultdict: _Container(lambda tree: (list(tree.values()), [tree.default_factory, list(tree)]),
                            lambda values, context: defaultdict(context[0], zip(context[1], values, strict=True))),
    deque: _Container(lambda tree: (list(tree), tree.maxlen), lambda values, maxlen: deque(values, maxlen)),
}
_MAPPINGS = (dict, OrderedDict, defaultdict)


def register_pytree_node(cls, flatten_fn, unflatten_fn, *, serialized_type_name=None, to_dumpable_context=None,
                         from_dumpable_context=None, flatten_with_keys_fn=None):
    """Make `cls` a container: `flatten_fn(tree)` gives (children, context), `unflatten_fn(children, context)` the tree.

    Raises ValueError if it is one already.
    """
    if cls in _CONTAINERS:
        raise ValueError(f"{cls!r} is already registered as pytree node.")
    _CONTAINERS[cls] = _Container(flatten_fn, unflatten_fn)


def _kind(tree):
    """The type under which a container is known; None for a leaf."""
    kind = type(tree)
    if kind in _CONTAINERS:
        return kind
    return namedtuple if isinstance(tree, tuple) and hasattr(kind, "_fields") else None


class TreeSpec:
    """The structure of a tree: the type of the container, what else it takes to rebuild it, and its children's structures."""

    __slots__ = ("type", "context", "_children", "num_leaves", "num_nodes")

    def __init__(self, type, context, children):
        self.type, self.context, self._children = type, context, list(children)
        self.num_leaves = sum([child.num_leaves for child in self._children])
        self.num_nodes = 1 + sum([child.num_nodes for child in self._children])

    @property
    def num_children(self):
        """How many trees the container holds."""
        return len(self._children)

    def children(self):
        """The structures of the trees in the container."""
        return list(self._children)

    def child(self, index):
        """The structure of one of them."""
        return self._children[index]

    def is_leaf(self):
        """Whether the tree is a leaf."""
        return False

    def unflatten(self, leaves):
        """The tree of this structure with the given leaves. Raises ValueError unless there are as many as it takes."""
        leaves = list(leaves)
        if len(leaves) != self.num_leaves:
            raise ValueError(f"treespec.unflatten(leaves): `leaves` has length {len(leaves)} but the spec refers to a pytree "
                             f"that holds {self.num_leaves} items ({self}).")
        return self._built(iter(leaves))

    def _built(self, leaves):
        return _CONTAINERS[self.type].unflatten([child._built(leaves) for child in self._children], self.context)

    def flatten_up_to(self, tree):
        """The parts of `tree` at the places of this structure's leaves. Raises ValueError if it has no such places."""
        return [part for child, inner in zip(self._children, self._parts(tree), strict=True)
                for part in child.flatten_up_to(inner)]

    def _parts(self, tree):
        kind = _kind(tree)
        alike = kind is self.type or (kind in _MAPPINGS and self.type in _MAPPINGS)
        if not alike:
            raise ValueError(f"Node type mismatch; expected {self.type!r}, but got {type(tree)!r}.")
        if len(tree) != self.num_children:
            raise ValueError(f"Node arity mismatch; expected {self.num_children}, but got {len(tree)}.")
        if kind not in _MAPPINGS:
            return _CONTAINERS[kind].flatten(tree)[0]
        keys = self.context[1] if self.type is defaultdict else self.context
        if set(keys) != set(tree):
            raise ValueError(f"Node keys mismatch; missing key(s): {set(keys) - set(tree)}; extra key(s): "
                             f"{set(tree) - set(keys)}.")
        return [tree[key] for key in keys]

    def __eq__(self, other):
        return (isinstance(other, TreeSpec) and self.type is other.type and self.context == other.context
                and self._children == other._children)

    def __hash__(self):
        return hash((self.type, str(self.context), tuple(self._children)))

    def __repr__(self, indent=0):
        inner = indent + 2
        children = (",\n" + " " * inner).join([child.__repr__(inner) for child in self._children])
        return f"TreeSpec({self.type.__name__}, {self.context}, [{children}])"


class LeafSpec(TreeSpec):
    """The structure of a leaf."""

    __slots__ = ()

    def __init__(self):
        super().__init__(None, None, ())
        self.num_leaves = 1

    def is_leaf(self):
        return True

    def _built(self, leaves):
        return next(leaves)

    def flatten_up_to(self, tree):
        return [tree]

    def __repr__(self, indent=0):
        return "*"


_LEAF = LeafSpec()


def tree_flatten(tree, is_leaf=None):
    """The leaves of a tree in order, and its structure. What `is_leaf` is true of is not looked into."""
    leaves = []
    return leaves, _taken_apart(tree, leaves, is_leaf)


def _taken_apart(tree, leaves, is_leaf):
    kind = None if is_leaf is not None and is_leaf(tree) else _kind(tree)
    if kind is None:
        leaves.append(tree)
        return _LEAF
    children, context = _CONTAINERS[kind].flatten(tree)
    return TreeSpec(kind, context, [_taken_apart(child, leaves, is_leaf) for child in children])


def tree_unflatten(leaves, treespec):
    """The tree of that structure with these leaves. Raises ValueError unless there are as many as it takes."""
    if not isinstance(treespec, TreeSpec):
        raise TypeError(f"Expected `treespec` to be an instance of PyTreeSpec but got item of type {type(treespec)}.")
    return treespec.unflatten(leaves)


def tree_leaves(tree, is_leaf=None):
    """The leaves of a tree in order."""
    return tree_flatten(tree, is_leaf)[0]


def tree_iter(tree, is_leaf=None):
    """The leaves of a tree, one after the other."""
    yield from tree_leaves(tree, is_leaf)


def tree_structure(tree, is_leaf=None):
    """The structure of a tree."""
    return tree_flatten(tree, is_leaf)[1]


def arg_tree_leaves(*args, **kwargs):
    """The leaves of all arguments in order."""
    return tree_leaves([*args, *kwargs.values()])


def tree_is_leaf(tree, is_leaf=None):
    """Whether `tree` is no container."""
    return _kind(tree) is None or (is_leaf is not None and is_leaf(tree))


def tree_map(func, tree, *rests, is_leaf=None):
    """A tree like `tree` with `func` of each leaf, and of what is at its place in `rests`. Raises ValueError if they differ."""
    leaves, treespec = tree_flatten(tree, is_leaf)
    return treespec.unflatten(map(func, leaves, *[treespec.flatten_up_to(rest) for rest in rests]))


def tree_map_(func, tree, *rests, is_leaf=None):
    """Call `func` as `tree_map` does, for its effects; returns `tree`."""
    tree_map(func, tree, *rests, is_leaf=is_leaf)
    return tree


def _only(kinds, func):
    wanted = kinds if callable(kinds) and not isinstance(kinds, type) else lambda leaf: isinstance(leaf, kinds)
    return lambda leaf: func(leaf) if wanted(leaf) else leaf


def tree_map_only(type_or_types_or_pred, /, func, tree, is_leaf=None):
    """`tree_map` of the leaves of some types, or that a predicate holds of; the others stay."""
    return tree_map(_only(type_or_types_or_pred, func), tree, is_leaf=is_leaf)


def tree_map_only_(type_or_types_or_pred, /, func, tree, is_leaf=None):
    """`tree_map_` of the leaves of some types, or that a predicate holds of."""
    return tree_map_(_only(type_or_types_or_pred, func), tree, is_leaf=is_leaf)


def tree_all(pred, tree, is_leaf=None):
    """Whether `pred` holds of all leaves."""
    return all(map(pred, tree_leaves(tree, is_leaf)))


def tree_any(pred, tree, is_leaf=None):
    """Whether `pred` holds of a leaf."""
    return any(map(pred, tree_leaves(tree, is_leaf)))


def tree_all_only(type_or_types, /, pred, tree, is_leaf=None):
    """Whether `pred` holds of all leaves of some types."""
    return all(pred(leaf) for leaf in tree_leaves(tree, is_leaf) if isinstance(leaf, type_or_types))


def tree_any_only(type_or_types, /, pred, tree, is_leaf=None):
    """Whether `pred` holds of a leaf of some types."""
    return any(pred(leaf) for leaf in tree_leaves(tree, is_leaf) if isinstance(leaf, type_or_types))


def _broadcast_to_and_flatten(tree, treespec, is_leaf=None):
    """The leaves of `tree` at the leaves of `treespec`, one standing for all below its place; None if they do not fit."""
    if tree_is_leaf(tree, is_leaf):
        return [tree] * treespec.num_leaves
    if treespec.is_leaf():
        return None
    try:
        parts = treespec._parts(tree)
    except ValueError:
        return None
    if _kind(tree) is not treespec.type:
        return None
    found = [_broadcast_to_and_flatten(part, child, is_leaf) for part, child in zip(parts, treespec.children(), strict=True)]
    return None if None in found else [leaf for leaves in found for leaf in leaves]


class _Shown:
    """A leaf in `treespec_pprint`."""

    def __repr__(self):
        return "*"


def treespec_pprint(treespec):
    """A tree of that structure, its leaves shown as `*`."""
    return repr(treespec.unflatten([_Shown()] * treespec.num_leaves))
