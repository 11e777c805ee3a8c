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


def statement(line):
    """The innermost statement that runs at a `Line`, as an ast node; None if the text is not at hand."""
    return _statement("".join(linecache.getlines(line.file)), line.number, line.expression)


@lru_cache(maxsize=4096)
def _statement(source, number, expression):
    found = None
    for node in ast.walk(_tree(source)):
        if isinstance(node, ast.stmt) and node.lineno <= number <= node.end_lineno and (
            found is None or node.lineno > found.lineno or expression in (ast.get_source_segment(source, node) or "")):
            found = node
    return found


def assigned(line):
    """The variables that the statement at `line` assigns, as written there: `["h"]`, `["self.total"]`; [] if none."""
    found = statement(line)
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
    found = statement(line)
    names = assigned(line)
    if isinstance(found, ast.AugAssign):
        return names
    read = {ast.unparse(node) for node in ast.walk(found.value) if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript))
            } if isinstance(found, (ast.Assign, ast.AnnAssign)) and found.value is not None else set()
    return [name for name in names if name in read]


_ADDING = ("append", "extend", "appendleft", "insert", "add", "setdefault", "put", "update")


def additions(code, name):
    """The line numbers where a function adds to the container `name`: `name.append(...)`, `name[...] = ...`, `name += ...`."""
    lines = [number for *_, number in code.co_lines() if number]
    nodes = ast.walk(_tree("".join(linecache.getlines(code.co_filename))))
    return sorted({node.lineno for node in nodes if min(lines) <= getattr(node, "lineno", 0) <= max(lines)
                   and (holder := _added_to(node)) is not None and ast.unparse(holder) == name})


def _added_to(node):
    """What a call or a statement adds something to; None if it does no such thing."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ADDING:
        return node.func.value
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        return node.targets[0].value
    return node.target if isinstance(node, ast.AugAssign) else None
