"""A program as one Python function: a line an equation, memory given back after its last use."""

import numpy as np

from .ir import Value, substitute


def build(program):
    """The function that runs `program`: takes the input arrays, returns the list of result arrays."""
    program.check()
    names = {"asarray": np.asarray}
    lines = [f"def run({', '.join(_name(value) for value in program.inputs)}):"]
    for value, array in program.captures:
        names[f"capture{value.number}"] = array
        lines.append(f"    {_name(value)} = capture{value.number}")
    last = _last_uses(program)
    for number, equation in enumerate(program.equations):
        lines.append("    " + _line(number, equation, names))
        dead = [value for value in {*equation.inputs(), *equation.outputs} if last.get(value.number) == number]
        if dead:
            lines.append(f"    del {', '.join(sorted({_name(value) for value in dead}))}")
    lines.append(f"    return [{', '.join(_name(value) for value in program.results)}]")
    exec(compile("\n".join(lines), "<compiled by pullback>", "exec"), names)
    return names["run"]


def _name(value):
    return f"v{value.number}"


def _line(number, equation, names):
    names[f"f{number}"] = equation.call
    arguments = [_argument(arg, f"a{number}_{i}", names) for i, arg in enumerate(equation.args)]
    arguments += [f"{key}={_argument(arg, f'k{number}_{key}', names)}" for key, arg in equation.kwargs.items()]
    call = f"f{number}({', '.join(arguments)})"
    if equation.scalar:
        call = f"asarray({call})"
    if not equation.outputs:
        return call
    left = ", ".join(_name(value) for value in equation.outputs)
    return f"{left}{',' if len(equation.outputs) > 1 else ''} = {call}"


def _argument(argument, name, names):
    """The text of an argument: a variable, a display of variables, or the name of a constant."""
    if isinstance(argument, Value):
        return _name(argument)
    if type(argument) in (tuple, list) and _holds_value(argument):
        inner = "".join(_argument(item, f"{name}_{i}", names) + ", " for i, item in enumerate(argument))
        return f"({inner})" if type(argument) is tuple else f"[{inner}]"
    names[name] = argument
    return name


def _holds_value(tree):
    found = []
    substitute(tree, lambda leaf: found.append(leaf) if isinstance(leaf, Value) else None)
    return bool(found)


def _last_uses(program):
    last = {}
    for number, equation in enumerate(program.equations):
        for value in (*equation.outputs, *equation.inputs()):
            last[value.number] = number
    for value in program.results:
        last[value.number] = -1
    return last
