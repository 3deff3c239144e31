"""The kernels of chapters: started alike whatever the user's settings, and killed when a run is interrupted.

Where the system can fork safely and many chapters are run, kernels are forked from one process that has imported
the libraries (`warm`), which is most of what a short chapter would take. Otherwise each is started by itself.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from compendium.evidence import paths

FORKS = sys.platform == "linux"  # elsewhere libraries of the system do not outlive a fork
running: set[Any] = set()  # the clients whose kernels run


@functools.cache
def prepare() -> None:
    """Set what every kernel inherits: this folder's package, no user's own kernels, no hash order, one thread."""
    # A kernel works in its page's folder, where a relative path would lead to another package or to none.
    elsewhere = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(paths.BOOK), *([elsewhere] if elsewhere else [])])
    # Hash order and thread counts must not differ between runs; a user's own kernels must not be picked up.
    os.environ.setdefault("PYTHONHASHSEED", "0")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    # nbclient leaves a task behind where it kills a kernel; asyncio would speak of it over the error.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)


class Forked:
    """A kernel's process that the warm one forked: not a child of this one, so it is asked for by its number."""

    stdin = stdout = stderr = None

    def __init__(self, arguments: list[str], folder: str | None, environment: dict[str, str]) -> None:
        self.pid = _fork({"arguments": arguments, "folder": folder, "environment": environment})

    def poll(self) -> int | None:
        """None while it runs, else 0: how it ended is not known."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, 0)
            return None
        return 0

    def wait(self) -> int:
        """Wait until it has ended."""
        while self.poll() is None:
            time.sleep(0.01)
        return 0

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


_asking = threading.Lock()


@functools.cache
def _warm() -> subprocess.Popen[str]:
    """Start the process that kernels are forked from; it ends with this one, which holds its input."""
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("warm.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def _fork(launch: dict[str, Any]) -> int:
    """Have a kernel forked; return the number of its process."""
    with _asking:
        warm = _warm()
        assert warm.stdin and warm.stdout
        warm.stdin.write(json.dumps(launch) + "\n")
        warm.stdin.flush()
        return int(warm.stdout.readline())


def warm_up() -> None:
    """Let kernels be forked from now on, where that is safe; libraries are imported while other things are done."""
    prepare()
    if FORKS:
        _warm()


def manager() -> type:
    """The class of kernel managers for a chapter: its kernels are forked once `warm_up` was called."""
    from jupyter_client.manager import AsyncKernelManager

    return _forking_manager() if _warm.cache_info().currsize else AsyncKernelManager


@functools.cache
def _forking_manager() -> type:
    from jupyter_client.manager import AsyncKernelManager
    from jupyter_client.provisioning import LocalProvisioner

    class Provisioner(LocalProvisioner):
        """As the local one, but for where the process comes from."""

        async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
            arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
            process: Any = Forked(arguments, kwargs.get("cwd"), kwargs["env"])
            self.process, self.pid, self.pgid = process, process.pid, process.pid
            return self.connection_info

    class Manager(AsyncKernelManager):
        """A manager of one such kernel."""

        async def _async_pre_start_kernel(self, **kw: Any) -> Any:
            if self.provisioner is None:
                self.provisioner = Provisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
            return await super()._async_pre_start_kernel(**kw)

    return Manager


def end_with_parent() -> None:
    """Let this forked process end when the one that forked it does, however that ends."""
    import ctypes

    set_death_signal = 1  # PR_SET_PDEATHSIG of prctl(2)
    ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)


def forget(client: Any) -> None:
    """Let a client go that has ended; an interrupt would leave it work at exit, which fails on a killed kernel."""
    running.discard(client)
    atexit.unregister(client._cleanup_kernel)


def kill(waiting: Iterable[Future[Any]]) -> None:
    """Kill kernels until every thread that awaits one has ended; one that is just starting has no process yet."""
    while not all(future.done() for future in waiting):
        for client in list(running):
            process = getattr(getattr(client.km, "provisioner", None), "pid", None)
            if process:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process, signal.SIGKILL)
        time.sleep(0.05)
