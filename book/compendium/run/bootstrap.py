"""Create the environment of the book from the hash-locked file; needs nothing but Python itself.

Run by `make`. Does nothing if the environment already fits the lock. An interrupted run is started anew by the
next one. An environment that was moved or copied here is made to run this folder's book. Written for old Pythons
to parse, so that a too old one is told so in one line.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), *[os.pardir] * 3))
VENV = os.path.join(ROOT, ".venv")
SCRIPTS = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
LOCK = os.path.join(ROOT, "requirements.lock")
READY = os.path.join(VENV, "ready")
LOG = os.path.join(ROOT, "_build", "install.log")  # not in the environment, which is cleared
NEEDED_BYTES = 2 * 1024**3
OLDEST, NEWEST = (3, 11), (3, 14)  # the lock has wheels up to the newest
CERTIFICATE = os.path.join(ROOT, "data", "certificate.json")

REASONS = (
    (("No space left",), "the disk is full; free about 2 GB and run the same command again"),
    (("DO NOT MATCH THE HASHES",), "a package differs from its hash in requirements.lock; do not use it"),
    (
        ("onnection", "name resolution", "timed out", "from versions: none"),
        "the package index cannot be reached; connect to the network and run the same command again",
    ),
)


def main():
    """Bring the environment up to date; return the exit status."""
    problem = unfit(sys.version_info[:2])
    if problem:
        return fail(problem)
    if not os.path.exists(LOCK):
        return fail("requirements.lock is missing in %s; restore it from git" % ROOT)
    wanted = fingerprint()
    fits, place = ready()
    if fits == wanted:
        try:
            return settle(place)
        except OSError as error:
            return fail("%s: %s" % (error.strerror, error.filename))
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as error:
        return fail(
            "this Python (%s) has no module %s; install it (Debian, Ubuntu: apt-get install python3-venv) "
            "and run the same command again" % (sys.executable, error.name)
        )
    unseen = not_recomputed("%d.%d" % sys.version_info[:2])
    if unseen:
        say(unseen)
    free = shutil.disk_usage(ROOT).free
    if free < NEEDED_BYTES:
        return fail("the disk has %.1f GB free; the environment needs about 2 GB" % (free / 1024**3))
    say("creating the environment in .venv (once; about a minute)")
    try:
        if os.path.exists(READY):
            os.unlink(READY)
        start_log()
        run([sys.executable, "-m", "venv", "--clear", VENV], None)
        python = os.path.join(SCRIPTS, "python")
        pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--no-input"]
        run(pip + ["--require-hashes", "-r", LOCK], count_packages())
        run(pip + ["--no-deps", "--no-build-isolation", "--no-index", "-e", ROOT], None)
        point_here()
    except subprocess.CalledProcessError as error:
        return fail(reason(error))
    except OSError as error:
        return fail("%s: %s" % (error.strerror, error.filename))
    except KeyboardInterrupt:
        return fail("interrupted; run the same command again")
    mark_ready(wanted)
    return 0


def unfit(version):
    """Why this version of Python cannot be used, in one line; empty if it can."""
    found = "found %d.%d (%s)" % (version + (sys.executable,))
    if version < OLDEST:
        return "Python 3.11 or newer is needed, " + found
    if version > NEWEST:
        return "Python 3.11 to %d.%d is needed: the locked packages are not built for a newer one; %s" % (
            NEWEST + (found,)
        )
    return ""


def not_recomputed(version):
    """Tell in one line that the published results were not recomputed with this Python; nothing if they were."""
    try:
        with open(CERTIFICATE, encoding="utf-8") as file:
            seen = sorted({entry["python"] for entry in json.load(file)["platforms"]})
    except (OSError, ValueError, KeyError):
        return ""
    if version in seen:
        return ""
    return "note: the published results were recomputed with Python %s, not with %s; `make verify` does it here" % (
        ", ".join(seen),
        version,
    )


def point_here():
    """Let the environment find the package by a path relative to itself.

    A moved or copied folder then runs its own book; and Python, which reads such files in the encoding of the
    locale, starts in the C locale below a folder of any name.
    """
    for folder, _, names in os.walk(os.path.join(VENV, "lib")):
        if os.path.basename(folder) == "site-packages":
            for name in names:
                if name.startswith("_") and name.endswith("compendium.pth"):
                    with open(os.path.join(folder, name), "w") as link:
                        link.write(os.path.relpath(os.path.join(ROOT, "book"), folder) + "\n")
            return


def settle(place):
    """Make an environment that was made in another place, and moved or copied here, this folder's own."""
    if place == ROOT:
        return 0
    point_here()
    if place:
        move_scripts(place)
    mark_ready(ready()[0])
    return 0


def move_scripts(place):
    """Point the scripts of an environment that was made in another place to the Python of this one."""
    here = VENV.encode("utf-8", "surrogateescape")
    there = os.path.join(place, os.path.basename(VENV)).encode("utf-8", "surrogateescape")
    for name in os.listdir(SCRIPTS):
        path = os.path.join(SCRIPTS, name)
        if os.path.islink(path) or not os.path.isfile(path):
            continue
        with open(path, "rb") as file:
            content = file.read()
        if b"\0" in content or there not in content:
            continue
        content = content.replace(there, here)
        if content.startswith(b"#!" + here):
            # The kernel takes no path with a space, and none that is long, after these two signs.
            first, rest = content.split(b"\n", 1)
            content = b"#!/bin/sh\n'''exec' \"" + first[2:] + b'" "$0" "$@"\n\' \'\'\'\n' + rest
        with open(path, "wb") as file:
            file.write(content)


def fingerprint():
    """What the environment must fit: the lock, the package's own metadata, this Python."""
    digest = hashlib.sha256(sys.version.encode())
    for name in ("requirements.lock", "pyproject.toml"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def ready():
    """What the existing environment fits and where it was made; empty if there is none."""
    try:
        with open(READY, "rb") as mark:
            fits, _, place = mark.read().decode("utf-8", "surrogateescape").partition("\n")
            return fits, place
    except OSError:
        return "", ""


def mark_ready(wanted):
    """Note what the environment fits and where it is."""
    with open(READY, "wb") as mark:
        mark.write((wanted + "\n" + ROOT).encode("utf-8", "surrogateescape"))


def start_log():
    """Begin an empty log."""
    os.makedirs(os.path.dirname(LOG), exist_ok=True)
    open(LOG, "w").close()


def count_packages():
    """How many packages the lock names."""
    with open(LOCK, encoding="utf-8") as lock:
        return sum("==" in line for line in lock)


def run(command, packages):
    """Run a command into the log, with a counter of collected packages if their number is known."""
    environ = dict(os.environ, PYTHONUTF8="1")
    with open(LOG, "a", encoding="utf-8") as log:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=environ,
        )
        seen = 0
        for line in process.stdout:
            log.write(line)
            if packages and line.startswith("Collecting "):
                seen += 1
                if sys.stderr.isatty() or seen % 40 == 0:
                    say("  %d of at most %d packages" % (seen, packages), end="\r" if sys.stderr.isatty() else "\n")
            elif packages and line.startswith("Installing collected"):
                say("  installing                          ")
        if process.wait():
            raise subprocess.CalledProcessError(process.returncode, command)


def reason(error):
    """One line on why a command failed, from its log."""
    text = ""
    if os.path.exists(LOG):
        with open(LOG, encoding="utf-8", errors="replace") as log:
            text = log.read()
    for signs, words in REASONS:
        if any(sign in text for sign in signs):
            return words
    last = [line for line in text.splitlines() if line.strip()][-1:] or ["no output"]
    return "%s failed: %s; the log is %s" % (os.path.basename(error.cmd[0]), last[0].strip(), LOG)


def say(line, end="\n"):
    """Tell the user something, on the error stream."""
    sys.stderr.write(line + end)
    sys.stderr.flush()


def fail(line):
    """Say why it could not be done, in one line."""
    say("error: " + line)
    return 2


if __name__ == "__main__":
    sys.exit(main())
