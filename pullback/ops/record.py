"""What an operation is: a record of its forward, its derivative rules, and what these need kept.

A rule's parameter names say what it needs, and nothing else is kept for backward:

    g            the gradient that arrives (in a general rule; an element-wise rule gives the partial derivative only)
    x, y, ...    an input, by the name the forward gives it (a ufunc's inputs are x, y, z); a forward that takes any number
                 of inputs (`*rest`) has one rule for all of them, which names the tuple `rest`
    o            the output
    x_shape ...  an input's shape, which costs nothing
    needs        which inputs need a gradient, a tuple of bools (for a rule that gives all gradients at once)
    other names  the operation's parameters (dim, keepdim, ...) and its extra outputs (indices, ...)

Rules run on whatever they are given: arrays in a plain backward, tensors under create_graph, trace values under compile.
So they are written with operators and with operations, and operations called on arrays return arrays. Broadcasting and
mixed dtypes are no concern of a rule: the engine fits each gradient to the input it is for.
"""

from inspect import CO_VARARGS

import numpy as np

from ..graph import Node, Tensor, wrap
from .apply import apply
from .pull import is_own, pull, restored

NOTHING = {}
RECORDS = {}  # every record by name


class Op:
    """An operation's record. Call it with inputs (tensors, or arrays only) and named parameters.

    `forward(*inputs, **params)` works on arrays; it returns the output, a tuple (output, *extras) if `extras` names some,
    or a list of outputs if `many`. `rules` is one rule an input (None: not differentiable), or one for all of them.
    `view`: the output shares the input's memory. `dynamic`: the output's shape depends on the values, so that no program can
    have the operation in it; a string is what `vmap` says to a batch. `variants`: node names where some inputs are Python
    numbers, by a string with "t" for each tensor and "n" for each number: torch has overloads there, which it counts.
    `linear`: in the inputs that have rules, together; `multilinear`: in each of its inputs; `symmetric`: the Jacobian is its
    own transpose, so that `rules` carry tangents forward. Else `jvp` may do so: a rule an input, whose tangent it calls `g`.
    `refuses`: the kinds of dtypes ("b" bool, "c" complex) an element-wise operation is not for, though NumPy's is.
    `check(operands)` raises on operands it is not for.
    """

    def __init__(self, name, forward, rules, *, inputs=None, extras=(), many=False, view=False,
                 partial=False, kind=None, linear=False, multilinear=False, symmetric=False, jvp=(), lower=None,
                 node=None, dynamic=False, variants=(), refuses="", check=None):
        self.dynamic, self.refuses, self.check = dynamic, refuses, check
        self.name, self.forward, self.extras, self.many, self.view = name, forward, extras, many, view
        self.partial, self.kind, self.lower = partial, kind, lower
        self.linear, self.multilinear, self.jvp = linear, multilinear, rules if symmetric else jvp
        inputs = _input_names(forward) if inputs is None else inputs
        self.inputs = tuple([name for name in inputs if name[0] != "*"])
        self.starred = next((name[1:] for name in inputs if name[0] == "*"), None)
        self.rules = rules
        self.together = callable(rules)
        named = frozenset().union(*map(names_of, [rules] if self.together else rules))
        self.keeps = named & {*self.inputs, self.starred, "o", *extras}
        self.keeps_output = "o" in self.keeps
        self.keeps_extras = [name in self.keeps for name in extras]
        self.node = self._node(node or _camel(name) + "Backward0")
        self.variants = {pattern: self._node(variant) for pattern, variant in dict(variants).items()}
        self._adapted, self._kept = {}, {}
        self.usual = None  # the adapted rules for real numbers, once made
        self.plain = not (extras or many or view)
        self.takes_out = isinstance(forward, np.ufunc) or "out" in (getattr(forward, "__kwdefaults__", None) or ())
        self.window = view and not (extras or many or self.keeps)
        RECORDS[name] = self

    def _node(self, name):
        return type(name, (Node,), {"record": self, "pull": pull, "kept": restored, "is_own": is_own, "__slots__": (),
                                    "__module__": "builtins"})

    def node_for(self, inputs):
        """The type of the node for these inputs."""
        return self.variants.get("".join(["t" if isinstance(value, Tensor) else "n" for value in inputs]), self.node)

    def differentiable(self, node):
        """The places of those inputs of `node` that may have a gradient: torch's node has no others.

        A Python number has none where torch has an overload for it.
        """
        count = len(node.inputs)
        if self.together:
            return range(count)
        pattern = next((pattern for pattern, kind in self.variants.items() if kind is type(node)), "t" * count)
        return [place for place, (rule, kind) in enumerate(zip(self.rules, pattern, strict=False))
                if rule is not None and kind == "t"]

    def __call__(self, *inputs, **params):
        return apply(self, inputs, params)

    def __repr__(self):
        return f"<op {self.name}>"

    def kept_for(self, needs):
        """What to keep when the inputs marked in `needs`, a tuple, need a gradient: which inputs, and whether the output."""
        kept = self._kept.get(needs)
        if kept is None:
            kept = self._kept[needs] = self._to_keep(needs)
        return kept

    def _to_keep(self, needs):
        if self.together:
            inputs = [name in self.keeps for name in self.inputs]
            rest = [] if self.starred is None else [self.starred in self.keeps] * (len(needs) - len(inputs))
            return inputs + rest, self.keeps_output
        named = frozenset().union(*[names_of(rule) for rule, need in zip(self.rules, needs, strict=False) if need])
        return [name in named for name in self.inputs], "o" in named

    def adapted(self, conjugate):
        """The rules as functions of (gradient, saved values, node), made at first use."""
        rules = self._adapted.get(conjugate)
        if rules is None:
            rules = [self.rules] if self.together else self.rules
            rules = self._adapted[conjugate] = [rule if rule is None else self._adapt(rule, conjugate) for rule in rules]
            if not conjugate:
                self.usual = rules
        return rules

    def pushed(self):
        """The rules of `jvp` as functions of (tangent, values, place), made at first use."""
        rules = self._adapted.get("jvp")
        if rules is None:
            rules = self._adapted["jvp"] = [self._adapt(rule, False) for rule in self.jvp]
        return rules

    def has_rule(self, index):
        """Whether the input of that number can have a gradient. A rule for all is for those with a name, if there are any."""
        if self.together:
            return index < len(self.inputs) or not self.inputs
        return index < len(self.rules) and self.rules[index] is not None

    def _adapt(self, rule, conjugate):
        if not callable(rule):
            return _CONSTANT.get(rule) or (lambda g, s, n: g * rule)
        places = ", ".join(map(self._locate, _parameters(rule)))
        call = places if _is_identity(rule) else f"rule({places})"
        if self.partial:
            call = f"g * conj({call})" if conjugate else f"g * {call}"
        return eval(f"lambda g, s, n: {call}", {"rule": rule, "conj": _conj})

    def _locate(self, name):
        """Where a rule's parameter of this name is found at the time of the backward."""
        if name == "g":
            return "g"
        if name == "needs":
            return "[edge is not None for edge in n.inputs]"
        if name in self.inputs:
            return f"s[{self.inputs.index(name)}]"
        behind = ["o", *self.extras]
        if name == self.starred:
            return f"s[{len(self.inputs)}:{-len(behind)}]"
        if name in behind:
            return f"s[{behind.index(name) - len(behind)}]"
        if name.endswith("_shape") and name[:-6] in self.inputs:
            return f"n.inputs[{self.inputs.index(name[:-6])}].shape"
        return f"n.params[{name!r}]"


def _zeros_like(g):
    return wrap(np.zeros_like(g._array)) if isinstance(g, Tensor) else np.zeros_like(g)


_CONSTANT = {1: lambda g, s, n: g, 0: lambda g, s, n: _zeros_like(g)}


def _input_names(forward):
    if isinstance(forward, np.ufunc):
        return ("x", "y", "z")[: forward.nin]
    return input_names(forward.__code__)


def input_names(code):
    """The names of a function's positional parameters; that of `*rest` begins with the star."""
    names = code.co_varnames[: code.co_argcount]
    return (*names, "*" + code.co_varnames[code.co_argcount + code.co_kwonlyargcount]) if code.co_flags & CO_VARARGS else names


def _parameters(rule):
    return rule.__code__.co_varnames[: rule.__code__.co_argcount]


def _is_identity(rule):
    """Whether the rule returns what it is given, so that it need not be called."""
    token = object()
    try:
        return len(_parameters(rule)) == 1 and rule(token) is token
    except (TypeError, AttributeError):
        return False


def names_of(rule):
    return _parameters(rule) if callable(rule) else ()


def _camel(name):
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _conj(value):
    return value.conj() if hasattr(value, "conj") else value.conjugate()  # a Python number


def linear(name, forward, transpose, **options):
    """An operation linear in its first input, the only one with a gradient, which the rule `transpose` carries back."""
    return Op(name, forward, (transpose,), linear=True, **options)


def view(name, forward, transpose, **options):
    """A linear operation whose output is a window on its input's memory."""
    return Op(name, forward, (transpose,), linear=True, view=True, **options)
