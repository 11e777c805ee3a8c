"""The shape of the house: imports point down docs/architecture.md's floors, files stay small, public names have docs."""

import ast
import inspect
from pathlib import Path

import pytest

import pullback

ROOT = Path(pullback.__file__).parent
LINES = 400

FLOORS = {  # module or package: floor; the longest name that fits counts
    "anomaly": 1, "edges": 1, "runs": 1,
    "origin": 1, "blame": 1, "batch": 1, "trees": 1, "graph": 1, "mode": 1, "data": 1, "arguments": 1, "streams": 1,
    "generator": 1, "dtypes": 1, "shapes": 1, "memory": 1, "devices": 1,
    "errors": 1, "hooks": 1, "limits": 1, "printing": 1, "settings": 1, "missing": 1, "version": 1, "return_types": 1,
    "ops": 2, "compat.legacy": 2,
    "batchwise": 3, "observing": 3, "engine": 3, "fitting": 3, "tangents": 3, "convert": 3, "jit": 3,
    "tensor": 4, "nodes": 4, "operators": 4, "autograd": 4, "random": 4, "sampling": 4, "typed": 4, "storages": 4, "resizing": 4,
    "history": 4, "factories": 4, "linalg": 4, "special": 4, "func": 4,
    "nn": 5, "optim": 5, "utils": 5, "serialization": 5, "compat": 5, "explain": 5, "distributed": 5,
    "backends": 5, "cuda": 5,
    "cli": 6, "": 6, "__main__": 6,
}


def modules():
    """Every module of the package: dotted name -> path."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def floor_of(name):
    """The floor a module is on."""
    while name not in FLOORS:
        if "." not in name:
            raise AssertionError(f"the module {name} is on no floor: give it one in FLOORS and in docs/architecture.md")
        name = name.rpartition(".")[0]
    return FLOORS[name]


def imports(name):
    """What a module imports of the package: (module, line, whether the import runs when the module is loaded)."""
    path = MODULES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    tree = ast.parse(path.read_text())
    lazy = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            lazy.update(id(inner) for inner in ast.walk(node))
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            lazy.update(id(inner) for inner in ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            parts = package.split(".") if package else []
            parts = parts[: len(parts) - node.level + 1]
            base = ".".join([*parts, *(node.module or "").split(".")] if node.module else parts)
            for alias in node.names:
                inner = f"{base}.{alias.name}".lstrip(".")
                yield (inner if inner in MODULES else base), node.lineno, id(node) not in lazy
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "pullback":
            yield node.module.partition(".")[2], node.lineno, id(node) not in lazy
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "pullback":
                    yield alias.name.partition(".")[2], node.lineno, id(node) not in lazy


def test_every_module_is_on_a_floor():
    for name in MODULES:
        floor_of(name)


def test_imports_point_down():
    wrong = []
    for name in MODULES:
        for target, line, _ in imports(name):
            if floor_of(target) > floor_of(name) and target:  # the package itself is everybody's parent
                wrong.append(f"{MODULES[name].relative_to(ROOT)}:{line} (floor {floor_of(name)}) imports {target} "
                             f"(floor {floor_of(target)})")
    assert not wrong, "imports that run up:\n" + "\n".join(wrong)


def test_no_import_circles():
    edges = {name: {target for target, _, now in imports(name) if now and target != name and not name.startswith(f"{target}.")
                    and target} for name in MODULES}
    done, path = set(), []

    def visit(name):
        if name in path:
            pytest.fail("import circle: " + " -> ".join([*path[path.index(name):], name]))
        if name in done:
            return
        path.append(name)
        for target in sorted(edges.get(name, ())):
            visit(target)
        path.pop()
        done.add(name)

    for name in sorted(edges):
        visit(name)


def test_only_numpy_is_required():
    """Nothing but the standard library and NumPy is imported when a module is loaded, ml_dtypes apart, which may be missing."""
    import sys

    wrong = []
    for name, path in MODULES.items():
        for node in ast.parse(path.read_text()).body:  # only what stands at the top
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else \
                [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
            wrong += [f"{name} imports {found}" for found in names
                      if found.split(".")[0] not in {*sys.stdlib_module_names, "numpy", "pullback"}]
    assert not wrong, "\n".join(wrong)


def test_files_stay_small():
    long = {str(path.relative_to(ROOT)): count for path in MODULES.values()
            if (count := len(path.read_text().splitlines())) > LINES}
    assert not long, f"files above {LINES} lines: {long}"


def test_modules_have_docstrings():
    texts = {name: path.read_text() for name, path in MODULES.items()}
    without = [name for name, text in texts.items() if text.strip() and not ast.get_docstring(ast.parse(text))]
    assert not without, f"modules without a docstring: {', '.join(without)}"


def _undocumented(place, names, label):
    for name in names:
        value = inspect.getattr_static(place, name, None)
        value = getattr(place, name) if isinstance(value, (staticmethod, classmethod)) else value
        if not (getattr(value, "__module__", None) or "pullback").startswith("pullback"):
            continue  # what a module imported from elsewhere
        if (callable(value) or isinstance(value, property)) and not (inspect.getdoc(value) or "").strip():
            yield f"{label}.{name}"


def test_public_names_are_documented():
    spaces = {"torch": pullback, "torch.Tensor": pullback.Tensor, "torch.autograd": pullback.autograd,
              "torch.nn.functional": pullback.nn.functional, "torch.nn": pullback.nn, "torch.nn.init": pullback.nn.init,
              "torch.optim": pullback.optim, "torch.utils.data": pullback.utils.data,
              "torch.autograd.graph": pullback.autograd.graph, "torch.utils.checkpoint": pullback.utils.checkpoint}
    without = []
    for label, place in spaces.items():
        names = [name for name in dir(place) if not name.startswith("_")]
        for name in names:
            getattr(place, name)  # load what is loaded on first use
        without += _undocumented(place, [name for name in names if not inspect.ismodule(getattr(place, name))], label)
    assert not without, f"{len(without)} without a docstring: {', '.join(without)}"
