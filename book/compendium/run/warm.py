"""The process that kernels are forked from: it has imported what most chapters import, and nothing of the book.

A script of its own, started by `kernels`. It reads a kernel's launch from each line of its input (JSON: arguments,
folder, environment), forks, and answers with the number of the new process. It ends when its input does; a kernel
whose starter is gone ends too.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys


def import_libraries() -> None:
    """Import libraries only; none of them starts a thread, which would not outlive a fork."""
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]  # as in the package, which is not imported
    import altair  # noqa: F401
    import ipykernel.ipkernel
    import ipykernel.kernelapp  # noqa: F401
    import joblib  # noqa: F401
    import matplotlib.pyplot  # noqa: F401
    import pandas  # noqa: F401
    import scipy.optimize
    import scipy.sparse
    import scipy.stats  # noqa: F401
    import seaborn  # noqa: F401
    import vl_convert  # noqa: F401


def become_kernel(arguments: list[str], folder: str | None, environment: dict[str, str]) -> None:
    """Turn this fresh fork into a kernel: a process group, a folder and an environment of its own, no output."""
    from ipykernel.kernelapp import IPKernelApp

    os.setsid()
    for caught in (signal.SIGCHLD, signal.SIGINT):
        signal.signal(caught, signal.SIG_DFL if caught == signal.SIGCHLD else signal.default_int_handler)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    if folder:
        os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["ipykernel_launcher", *arguments]
    IPKernelApp.launch_instance(arguments)


def main() -> None:
    """Fork a kernel for every line that is read."""
    sys.path.pop(0)  # the folder of this file
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the one who started this
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # a kernel that ends leaves nothing behind
    import_libraries()
    gc.freeze()  # what is shared stays shared
    for line in iter(sys.stdin.readline, ""):
        launch = json.loads(line)
        process = os.fork()
        if not process:
            become_kernel(**launch)
            os._exit(0)
        print(process, flush=True)


if __name__ == "__main__":
    main()
