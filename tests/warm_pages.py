"""A Python that has imported Jupyter Book and the libraries of chapters, and forks for a small book.

Half of what a short build or run takes is the import of Sphinx and its extensions, and of what the process imports
from which kernels are forked. The package itself is imported by the fork, from the book's own folder. A command
that a test runs by `warm` has these two programs forked here where it would start them; whatever else it starts it
starts itself.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

LIBRARIES = (
    "altair",
    "fontTools.subset",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "joblib",
    "jupyter_book.cli.main",
    "jupyter_book.config",
    "jupyter_book.sphinx",
    "latex2mathml.converter",
    "matplotlib.pyplot",
    "myst_nb.sphinx_ext",
    "pandas",
    "pygments.lexers.python",
    "scipy.optimize",
    "scipy.sparse",
    "scipy.stats",
    "seaborn",
    "sphinx.application",
    "sphinx.builders.html",
    "sphinx.search.en",
    "sphinx_book_theme",
    "sphinx_comments",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_external_toc",
    "sphinx_jupyterbook_latex",
    "sphinx_togglebutton",
    "sphinxcontrib.bibtex",
    "tinycss2",
    "vl_convert",
)
PLACE = "WARM_PAGES"  # the variable that names the socket


_server: subprocess.Popen[bytes] | None = None


def place() -> str:
    """The socket at which the process that forks is asked; it is started now if there is none."""
    global _server
    if _server is None or _server.poll() is not None:
        os.environ[PLACE] = str(Path(tempfile.mkdtemp(prefix="pages-")) / "socket")
        # Both programs are started with this hash order, and what is forked has that of its parent.
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        _server = subprocess.Popen([sys.executable, __file__], env=environment, stdin=subprocess.PIPE)
    return os.environ[PLACE]


def asked_for(at: str) -> None:
    """Let this process have the two programs forked at a socket where it would start them."""

    class Popen(subprocess.Popen):  # type: ignore[type-arg]
        def __new__(cls, command: Any, **options: Any) -> Any:
            # The one of `build`, which waits at its input; a PDF is made by one that is started.
            if command[1:2] == ["-c"] and "jupyter_book" in command[2] and "stdin" in options:
                assert options["stdin"] == subprocess.PIPE and options["stderr"] == subprocess.STDOUT
                log = options["stdout"].fileno()
                return Started(at, command[1:], options["env"], [log, log, *options["pass_fds"]])
            if len(command) == 2 and command[1].endswith("compendium/run/warm.py"):
                assert options["start_new_session"] and options["text"]
                said, saying = os.pipe()
                nowhere = os.open(os.devnull, os.O_RDWR)
                started = Started(at, command[1:], {**os.environ}, [saying, nowhere])
                started.stdin, started.stdout = os.fdopen(started.input, "w"), os.fdopen(said)
                os.close(saying)
                os.close(nowhere)
                return started
            return super().__new__(cls)

    subprocess.Popen = Popen  # type: ignore[misc]


class Started:
    """A forked program, with what the package asks of the processes that it starts."""

    stdin: Any = None
    stdout: Any = None

    def __init__(self, at: str, command: Sequence[str], env: dict[str, str], files: list[int]) -> None:
        reading, self.input = os.pipe()
        self._line = socket.socket(socket.AF_UNIX)
        while self._line.connect_ex(at):
            select.select([], [], [], 0.01)  # it is just being started
        asked = json.dumps([list(command), env, str(Path.cwd())]).encode()
        socket.send_fds(self._line, [len(asked).to_bytes(4, "big")], [reading, *files])
        self._line.sendall(asked)
        os.close(reading)
        self.pid = int.from_bytes(_exactly(self._line, 4), "big")
        self.returncode: int | None = None

    def communicate(self, words: bytes = b"") -> None:
        """Say these words to it and wait until it has ended."""
        if self.returncode is not None:
            return
        try:
            os.write(self.input, words)
        except BrokenPipeError:
            pass
        os.close(self.input)
        self.returncode = os.waitstatus_to_exitcode(int.from_bytes(_exactly(self._line, 4), "big"))
        self._line.close()

    def kill(self) -> None:
        """End it, if it still runs."""
        if self.returncode is None:
            os.kill(self.pid, signal.SIGKILL)


def _exactly(line: socket.socket, many: int) -> bytes:
    found = b""
    while len(found) < many:
        more = line.recv(many - len(found))
        assert more, "the process that forks has ended"
        found += more
    return found


# ---------------------------------------------------------------- the process that forks


def _serve() -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.environ.pop(PLACE))
    listener.listen()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]  # as the program does
    for library in LIBRARIES:
        importlib.import_module(library)
    assert not [name for name in sys.modules if name.partition(".")[0] == "compendium"]
    gc.collect()
    gc.freeze()
    while listener in select.select([listener, sys.stdin], [], [])[0]:  # the other tells that the tests have ended
        line, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return _watch(line)
        line.close()


def _watch(line: socket.socket) -> None:
    """Fork the program, say its number, and how it ended when it has."""
    length, files, _, _ = socket.recv_fds(line, 4, 8)
    command, env, cwd = json.loads(_exactly(line, int.from_bytes(length, "big")))
    if (child := os.fork()) == 0:
        line.close()
        return _become(command, env, cwd, files[:3])
    for file in files:
        os.close(file)
    line.sendall(child.to_bytes(4, "big"))
    status = os.waitpid(child, 0)[1]
    try:
        line.sendall(status.to_bytes(4, "big"))
    except BrokenPipeError:
        pass  # whoever asked was killed
    os._exit(0)


def _become(command: list[str], env: dict[str, str], cwd: str, files: list[int]) -> None:
    """Go on as `python` with this command would, until it ends."""
    for descriptor, file in enumerate(files):
        os.dup2(file, descriptor)
    for file in set(files):
        os.close(file)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    program = command[0] == "-c"
    sys.argv = ["-c", *command[2:]] if program else command
    sys.path[:1] = ["" if program else str(Path(command[0]).parent), *env["PYTHONPATH"].split(os.pathsep)]
    status = 0
    try:
        if program:
            exec(command[1], {"__name__": "__main__"})
        else:
            os.setsid()
            runpy.run_path(command[0], run_name="__main__")
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    _serve()
