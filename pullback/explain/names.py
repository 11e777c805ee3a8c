"""The names that a program's text gives to values: what a statement assigns, which variable an expression reads."""

import ast
import linecache
from functools import lru_cache


@lru_cache(maxsize=64)
def _tree(source):
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.Module([], [])


def statement(file, number):
    """The innermost statement at a line of a file, as an ast node; None if the text is not at hand."""
    found = None
    for node in ast.walk(_tree("".join(linecache.getlines(file)))):
        if isinstance(node, ast.stmt) and node.lineno <= number <= node.end_lineno:
            found = node if found is None or node.lineno >= found.lineno else found
    return found


def assigned(line):
    """The variables that the statement at `line` assigns, as written there: `["h"]`, `["self.total"]`; [] if none."""
    found = statement(line.file, line.number)
    if isinstance(found, ast.Assign):
        targets = found.targets
    elif isinstance(found, (ast.AugAssign, ast.AnnAssign)):
        targets = [found.target]
    else:
        return []
    flat = [inner for outer in targets for inner in (outer.elts if isinstance(outer, (ast.Tuple, ast.List)) else [outer])]
    return [ast.unparse(node) for node in flat]


def carried(line):
    """The variables that the statement at `line` both reads and assigns: what a loop carries on there."""
    found = statement(line.file, line.number)
    names = assigned(line)
    if isinstance(found, ast.AugAssign):
        return names
    read = {ast.unparse(node) for node in ast.walk(found.value) if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript))
            } if isinstance(found, (ast.Assign, ast.AnnAssign)) and found.value is not None else set()
    return [name for name in names if name in read]


_ADDING = ("append", "extend", "appendleft", "insert", "add", "setdefault", "put", "update")


def additions(file, name):
    """The line numbers where a file's text adds to the container `name`: `name.append(...)`, `name[...] = ...`."""
    found = set()
    for node in ast.walk(_tree("".join(linecache.getlines(file)))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ADDING:
            holder = node.func.value
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            holder = node.targets[0].value
        elif isinstance(node, ast.AugAssign):
            holder = node.target
        else:
            continue
        if ast.unparse(holder) == name:
            found.add(node.lineno)
    return sorted(found)
