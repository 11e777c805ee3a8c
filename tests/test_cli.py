"""The `pullback` command: what a program sees when it is run, and what the caller gets back."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest


def pullback(*arguments, cwd=None, **options):
    """Run `python -m pullback ARGUMENTS` with this checkout importable, and return the finished process."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    search = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [sys.executable, "-m", "pullback", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": search},
        **options,
    )


@pytest.fixture
def script(tmp_path):
    """A function that writes a program to a file and returns its path."""

    def write(text, name="program.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    return write


def test_version():
    from pullback.version import PULLBACK

    done = pullback("--version")
    assert (done.returncode, done.stdout) == (0, f"pullback {PULLBACK}\n")


def test_no_command_explains_itself():
    done = pullback()
    assert done.returncode == 2 and "usage: pullback" in done.stdout


def test_the_program_finds_what_python_would_give_it(script, tmp_path):
    script("value = 'from the folder of the script'", "sub/neighbour.py")
    path = script(
        """
        import os, sys
        import neighbour
        print(__name__, sys.argv, neighbour.value)
        print(os.path.samefile(sys.path[0], os.path.dirname(__file__)), __file__ == os.path.abspath(sys.argv[0]))
        print(__spec__, __package__, sys.modules["__main__"].__dict__ is globals())
        """,
        "sub/program.py",
    )
    under_us = pullback("run", "sub/program.py", "--epochs", "3", "-m", "--", "x", cwd=tmp_path)
    under_python = subprocess.run(
        [sys.executable, "sub/program.py", "--epochs", "3", "-m", "--", "x"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert path.exists() and under_us.returncode == 0, under_us.stderr
    assert under_us.stdout == under_python.stdout


def test_torch_is_pullback(script):
    path = script(
        """
        import torch, pullback
        import torch.nn.functional as F
        assert torch is pullback
        w = torch.tensor(2.0, requires_grad=True)
        F.relu(w * 3).backward()
        print(w.grad.item())
        """
    )
    assert pullback("run", path).stdout == "3.0\n"


def test_a_module_is_run_as_by_dash_m(script, tmp_path):
    script("", "package/__init__.py")
    script("import sys\nfrom .part import x\nprint(__name__, __package__, x, sys.argv[1:])", "package/__main__.py")
    script("x = 7\nif __name__ == '__main__': print('part alone')", "package/part.py")
    assert pullback("run", "-m", "package", "-v", cwd=tmp_path).stdout == "__main__ package 7 ['-v']\n"
    assert pullback("run", "-m", "package.part", cwd=tmp_path).stdout == "part alone\n"


@pytest.mark.parametrize(
    ("ending", "status", "said"),
    [
        ("sys.exit()", 0, ""),
        ("sys.exit(7)", 7, ""),
        ("sys.exit('words')", 1, "words\n"),
        ("raise SystemExit(True)", 1, ""),
    ],
)
def test_exit_status(script, ending, status, said):
    done = pullback("run", script(f"import sys\n{ending}\n"))
    assert (done.returncode, done.stderr) == (status, said)


def test_the_traceback_is_the_programs_own(script):
    path = script(
        """
        def inner():
            raise KeyError("deep")

        try:
            inner()
        except KeyError:
            raise ValueError("shallow")
        """
    )
    under_us = pullback("run", path)
    under_python = subprocess.run([sys.executable, path], capture_output=True, text=True)
    assert under_us.returncode == 1
    assert under_us.stderr == under_python.stderr


def test_a_syntax_error_reads_as_under_python(script):
    path = script("print 'hello'\n")
    under_us = pullback("run", path)
    under_python = subprocess.run([sys.executable, path], capture_output=True, text=True)
    assert (under_us.returncode, under_us.stderr) == (1, under_python.stderr)


def test_the_programs_own_hook_sees_a_clean_traceback(script):
    path = script(
        """
        import sys, traceback
        def hook(kind, value, trace):
            print(kind.__name__, [frame.name for frame in traceback.extract_tb(trace)])
        sys.excepthook = hook
        def fail():
            1 / 0
        fail()
        """
    )
    assert pullback("run", path).stdout == "ZeroDivisionError ['<module>', 'fail']\n"


@pytest.mark.skipif(os.name == "nt", reason="exit by signal is POSIX")
def test_keyboard_interrupt_ends_by_signal(script):
    done = pullback("run", script("raise KeyboardInterrupt\n"))
    assert done.returncode == -signal.SIGINT
    assert done.stderr.endswith("KeyboardInterrupt\n") and "cli.py" not in done.stderr


def test_nothing_to_run(tmp_path):
    done = pullback("run", "absent.py", cwd=tmp_path)
    assert done.returncode == 2 and "can't open file" in done.stderr and "No such file or directory" in done.stderr
    done = pullback("run", "-m", "absent.module", cwd=tmp_path)
    assert done.returncode == 2 and "absent" in done.stderr


def test_exit_handlers_and_classes_of_main_work(script):
    path = script(
        """
        import atexit, pickle
        class Thing:
            pass
        atexit.register(lambda: print(type(pickle.loads(pickle.dumps(Thing()))) is Thing))
        """
    )
    assert pullback("run", path).stdout == "True\n"


def test_an_era_that_is_not_known(script):
    done = pullback("run", "--era", "0.9", script("pass"))
    assert done.returncode == 2 and "0.3" in done.stderr


def test_era_is_on_while_the_script_runs(script):
    path = script(
        """
        import torch
        from torch.autograd import Variable
        x = Variable(torch.ones(2), volatile=True)
        w = Variable(torch.ones(2), requires_grad=True)
        print((x * w).volatile, (x * w).requires_grad)
        """
    )
    assert pullback("run", "--era", "0.3", path).stdout == "True False\n"
    assert pullback("run", path).stdout == "False True\n"


TRAINING = """
    import sys
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.unused = nn.Linear(4, 2), nn.Linear(4, 2)

        def forward(self, x):
            return torch.tanh(self.used(x))

    torch.manual_seed(0)
    net, total = Net(), 0
    for step in range(6):
        loss = net(torch.randn(3, 4)).sum()
        loss.backward()
        total += loss
    print("arguments", sys.argv[1:])
"""


def test_explain_tells_of_a_program(script, tmp_path):
    path = script(TRAINING)
    done = pullback("explain", "--html", tmp_path / "graph.html", "--svg", tmp_path / "graph.svg", "--memory",
                    tmp_path / "memory.svg", path, "--one", "two")
    assert done.returncode == 0, done.stderr
    said, _, report = done.stdout.partition(f"==== pullback explain {path} ====\n")
    assert said.strip() == "arguments ['--one', 'two']"
    assert report.startswith(f"6 backwards ran; number 1, at {path}:18: loss.backward()\n")
    assert "graph: 3 operations, 2 leaves" in report and "program.py:12  return torch.tanh(self.used(x))" in report
    assert "72 B kept for backward" in report and "Net.used" in report
    assert "Net.unused.weight has no gradient" in report and "Net.used.weight has no" not in report
    assert f"{path}:19: GraphWarning: the graph grows with every iteration" in done.stderr
    assert "`total` holds" in done.stderr
    assert (tmp_path / "graph.html").read_text().startswith("<!DOCTYPE html>")
    for name in ("graph.svg", "memory.svg"):
        assert (tmp_path / name).read_text().startswith("<svg")


def test_explain_another_backward(script):
    path = script(TRAINING)
    assert f"number 5, at {path}:18" in pullback("explain", "--backward", 5, path).stdout
    assert "6 backwards ran\n" in pullback("explain", "--backward", 50, path).stdout


def test_explain_an_error(script):
    path = script(
        """
        import torch
        x = torch.ones(2, requires_grad=True)
        y = x.detach() * 2
        y.sum().backward()
        """
    )
    done = pullback("explain", path)
    assert done.returncode == 1
    assert "RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn" in done.stderr
    assert f"{path}:4" in done.stderr.partition("RuntimeError")[2], "where the gradient was lost"
    assert "====" not in done.stdout
    assert "cli.py" not in done.stderr and "report.py" not in done.stderr and "contextlib.py" not in done.stderr


def test_explain_a_program_that_exits(script):
    done = pullback("explain", script("import sys\nprint('before')\nsys.exit(3)"))
    assert done.returncode == 3
    assert done.stdout.endswith("no backward ran\n")


def test_explain_help():
    done = pullback("explain", "--help")
    assert done.returncode == 0
    for option in ("--html FILE", "--svg FILE", "--memory FILE", "--backward N", "-m"):
        assert option in done.stdout


def test_explain_what_is_not_there(tmp_path):
    done = pullback("explain", tmp_path / "none.py")
    assert done.returncode == 2 and "can't open file" in done.stderr and "====" not in done.stdout
