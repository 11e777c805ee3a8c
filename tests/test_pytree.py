"""Nested containers taken apart and put together."""

from collections import OrderedDict, defaultdict, deque, namedtuple

import pytest

from pullback.utils import _pytree as pytree

Pair = namedtuple("Pair", "a b")
TREES = [1, None, (1,), [1, [2, 3]],
         {"b": 1, "a": (2, 3)}, OrderedDict(b=1, a=2), defaultdict(list, a=1), deque([1, 2], maxlen=3),
         Pair(1, [2]), (), {}, {"a": [], "b": {"c": Pair(1, None)}}]


@pytest.mark.parametrize("tree", TREES, ids=repr)
def test_there_and_back(tree):
    leaves, spec = pytree.tree_flatten(tree)
    again = pytree.tree_unflatten(leaves, spec)
    assert again == tree and type(again) is type(tree)
    assert spec.num_leaves == len(leaves) and pytree.tree_structure(again) == spec
    assert pytree.tree_leaves(pytree.tree_map(repr, tree)) == [repr(leaf) for leaf in leaves]


def test_what_else_a_container_keeps():
    assert pytree.tree_map(str, deque([1], maxlen=3)).maxlen == 3
    assert pytree.tree_map(str, defaultdict(list, a=1)).default_factory is list


def test_leaves_in_order():
    assert pytree.tree_leaves({"b": 1, "a": [2, (3, {"c": 4})]}) == [1, 2, 3, 4]
    assert pytree.tree_leaves([1, (2, 3)], is_leaf=lambda tree: isinstance(tree, tuple)) == [1, (2, 3)]
    assert pytree.arg_tree_leaves(1, [2], k=3) == [1, 2, 3]


def test_several_trees_at_once():
    assert pytree.tree_map(lambda a, b: (a, b), {"a": 1, "b": 2}, {"b": 3, "a": 4}) == {"a": (1, 4), "b": (2, 3)}
    assert pytree.tree_map(lambda a, b: (a, b), [1], [[2, 3]]) == [(1, [2, 3])]
    for other, message in (((1, 2), "Node type mismatch"), ([1, 2, 3], "Node arity mismatch")):
        with pytest.raises(ValueError, match=message):
            pytree.tree_map(lambda a, b: a, [1, 2], other)
    with pytest.raises(ValueError, match=r"missing key\(s\): {'a'}; extra key\(s\): {'b'}"):
        pytree.tree_map(lambda a, b: a, {"a": 1}, {"b": 1})


def test_some_leaves_only():
    assert pytree.tree_map_only(int, lambda leaf: leaf + 1, [1, "a", 2.0]) == [2, "a", 2.0]
    assert pytree.tree_map_only(lambda leaf: leaf == "a", str.upper, [1, "a"]) == [1, "A"]
    assert pytree.tree_all_only(int, bool, [1, ""]) and not pytree.tree_any_only(int, bool, [0, "a"])
    assert pytree.tree_any(bool, [0, 1]) and not pytree.tree_all(bool, [0, 1])


def test_a_prefix_stands_for_what_is_below():
    spec = pytree.tree_structure(([1, 2], {"b": 3, "a": 4}))
    assert pytree._broadcast_to_and_flatten((0, {"a": None, "b": 1}), spec) == [0, 0, 1, None]
    assert pytree._broadcast_to_and_flatten(7, spec) == [7] * 4
    assert pytree._broadcast_to_and_flatten((0,), spec) is None
    assert pytree._broadcast_to_and_flatten(([0], 1), spec) is None


def test_how_structures_are_shown():
    spec = pytree.tree_structure((1, {"b": [2, 3]}))
    assert repr(spec) == "TreeSpec(tuple, None, [*,\n  TreeSpec(dict, ['b'], [TreeSpec(list, None, [*,\n      *])])])"
    assert pytree.treespec_pprint(spec) == "(*, {'b': [*, *]})"


def test_other_containers_may_be_added():
    class Box:
        def __init__(self, content):
            self.content = content

    assert pytree.tree_is_leaf(Box(1))
    pytree.register_pytree_node(Box, lambda box: ([box.content], None), lambda values, context: Box(*values))
    assert pytree.tree_leaves([Box(1), 2]) == [1, 2]
    assert pytree.tree_map(lambda leaf: leaf + 1, Box(1)).content == 2
    with pytest.raises(ValueError, match="already registered"):
        pytree.register_pytree_node(Box, None, None)


def test_wrong_numbers_of_leaves():
    with pytest.raises(ValueError, match="`leaves` has length 1 but the spec refers to a pytree that holds 2 items"):
        pytree.tree_unflatten([1], pytree.tree_structure([1, 2]))
    with pytest.raises(TypeError, match="Expected `treespec` to be an instance of PyTreeSpec"):
        pytree.tree_unflatten([1], 3)
