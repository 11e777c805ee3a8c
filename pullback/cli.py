"""The `pullback` command.

`pullback run SCRIPT [ARGS...]` runs an unchanged PyTorch program as Python itself would, with `import torch` meaning
pullback: the same `sys.argv`, `sys.path`, `__main__`, tracebacks and exit status.

`pullback explain SCRIPT [ARGS...]` runs it in the same way and looks at its gradients: errors tell the lines on both sides,
and in the end there is a report on the graph, its memory, and what has no gradient.
"""

import argparse
import builtins
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import find_spec
from types import CodeType, ModuleType, TracebackType
from typing import Any

from .version import PULLBACK

ERAS = ("0.3",)
EXPLAIN = (
    "Run a PyTorch script with its gradients explained. Everything is tracked, so it takes up to a few times as long. Errors of "
    "the gradient system come with the lines that led to them; a graph that grows with every iteration is warned of; in the "
    "end a report tells of one backward: its graph, with shapes and lines, the memory that it kept, by line and by module, "
    "with what would save it, and which parameters got no gradient, and why."
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (default: `sys.argv[1:]`) and return the exit status.

    A program that is run may also end the process itself, with SystemExit or any other exception, as under `python`.
    """
    arguments = parser().parse_args(argv)
    if arguments.command is None:
        parser().print_help()
        return 2
    return run(arguments)


def parser() -> argparse.ArgumentParser:
    """The parser for the whole command line."""
    top = argparse.ArgumentParser(prog="pullback", description="PyTorch's gradient system in Python on NumPy.")
    top.add_argument("--version", action="version", version=f"pullback {PULLBACK}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    run_help = "run a PyTorch script unchanged, with `import torch` meaning pullback"
    _program(commands.add_parser("run", help=run_help, description=run_help))
    explain_help = "run a PyTorch script with its gradients explained"
    sub = commands.add_parser("explain", help=explain_help, description=EXPLAIN)
    sub.add_argument("--backward", metavar="N", type=int, default=1, help="tell of the Nth backward (default: the first)")
    sub.add_argument("--html", metavar="FILE", help="write the graph as a page to click through")
    sub.add_argument("--svg", metavar="FILE", help="write the graph as a picture")
    sub.add_argument("--memory", metavar="FILE", help="write a bar chart (SVG) of what is kept for backward")
    _program(sub)
    return top


def _program(sub: argparse.ArgumentParser) -> None:
    """The arguments that say which program to run, and how."""
    sub.add_argument("--era", choices=ERAS, help="the PyTorch that the script was written for, if before 0.4")
    sub.add_argument("-m", dest="module", action="store_true", help="SCRIPT is the name of a module, as in `python -m`")
    sub.add_argument("script", metavar="SCRIPT", help="a Python file")
    sub.add_argument("args", metavar="ARGS", nargs=argparse.REMAINDER, help="what the script finds in sys.argv")


def run(arguments: argparse.Namespace) -> int:
    """Run the script or module that `arguments` name, and return 0 if it ran to its end, 2 if there is none."""
    from .compat import alias

    alias.install()
    sys.argv = [arguments.script, *arguments.args]
    prepare = prepare_module if arguments.module else prepare_script
    try:
        code, namespace = prepare(arguments.script)
        with era(arguments.era), explained(arguments):
            exec(code, namespace)
    except CannotRun as error:
        print(f"pullback: {error}", file=sys.stderr)
        return 2
    except SystemExit:
        raise
    except BaseException as error:
        hide_runner(error)
        raise
    return 0


class CannotRun(Exception):
    """There is nothing to run: no such file, or no such module."""


def prepare_script(path: str) -> tuple[CodeType, dict[str, object]]:
    """Read and compile the file at `path`, and set up `__main__` and `sys.path` for it, as `python path` would."""
    full = os.path.abspath(path)
    try:
        with io.open_code(full) as file:
            source = file.read()
    except OSError as error:
        raise CannotRun(f"can't open file '{full}': [Errno {error.errno}] {error.strerror}") from None
    set_search_path(os.path.dirname(os.path.realpath(full)))
    main_module = new_main(__file__=full, __loader__=SourceFileLoader("__main__", full))
    return compile(source, full, "exec", dont_inherit=True), main_module.__dict__


def prepare_module(name: str) -> tuple[CodeType, dict[str, object]]:
    """Find and compile the module `name` (of a package: its `__main__`), and set up `__main__` for it as `-m` would."""
    set_search_path(os.getcwd())
    spec = find_code(name)
    code = spec.loader.get_code(spec.name)  # type: ignore[union-attr]
    if code is None:
        raise CannotRun(f"No code object available for {name}")
    sys.argv[0] = spec.origin or name
    main_module = new_main(
        __file__=spec.origin, __loader__=spec.loader, __spec__=spec, __package__=spec.parent, __cached__=spec.cached
    )
    return code, main_module.__dict__


def find_code(name: str) -> ModuleSpec:
    """The spec of module `name`, or of `name.__main__` where `name` is a package."""
    try:
        spec = find_spec(name)
    except ModuleNotFoundError as error:
        raise CannotRun(f"Error while finding module specification for {name!r} ({error!r})") from None
    if spec is None or spec.loader is None:
        raise CannotRun(f"No module named {name}")
    if spec.submodule_search_locations is None:
        return spec
    if name.endswith(".__main__"):
        raise CannotRun("Cannot use package as __main__ module")
    return find_code(f"{name}.__main__")


def set_search_path(folder: str) -> None:
    """Put `folder` first in `sys.path`, where Python had put the place of this command (unless told not to, by -P)."""
    if not sys.flags.safe_path:
        sys.path[0] = folder


def new_main(**attributes: object) -> ModuleType:
    """A fresh `__main__`, known to the import system, so that pickle and multiprocessing find what it defines."""
    module = ModuleType("__main__")
    vars(module).update(__builtins__=builtins, **attributes)
    sys.modules["__main__"] = module
    return module


def era(name: str | None) -> AbstractContextManager[object]:
    """What the script runs inside: nothing special, or the rules of the PyTorch of that time."""
    if name is None:
        return nullcontext()
    import pullback

    return pullback.legacy_era()


@contextmanager
def explained(arguments: argparse.Namespace) -> Iterator[None]:
    """What `pullback explain` does around the program: look on, and tell in the end, also if the program exits itself."""
    if arguments.command != "explain":
        yield
        return
    from .explain import report

    with report.explained(arguments.backward) as seen:
        try:
            yield
        except SystemExit:
            tell(seen, arguments)
            raise
        tell(seen, arguments)


def tell(seen: Any, arguments: argparse.Namespace) -> None:
    """Print the report, and write the files that were asked for."""
    print(f"\n==== pullback explain {arguments.script} ====\n{seen}", flush=True)
    seen.write(arguments.html, arguments.svg, arguments.memory)


def hide_runner(error: BaseException) -> None:
    """See to it that the traceback of `error`, when the interpreter prints it, begins in the script and not here.

    The exception itself goes on up to the interpreter, because only that gives the right exit status, also for
    KeyboardInterrupt; and a hook that the script has installed is called as if the script had been run directly.
    """
    trace = without_runner(error.__traceback__)
    show: Callable[..., object] = sys.excepthook

    def excepthook(kind: type[BaseException], value: BaseException, _: TracebackType | None) -> None:
        show(kind, value.with_traceback(trace), trace)

    sys.excepthook = excepthook


def without_runner(trace: TracebackType | None) -> TracebackType | None:
    """`trace` without its leading frames from this file."""
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    return trace
