"""Create the environment of the book from the hash-locked file; needs nothing but Python itself.

Run by `make`. Does nothing if the environment already fits the lock. An interrupted run is started anew by the
next one. Written for old Pythons to parse, so that a too old one is told so in one line.
"""

import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(ROOT, ".venv")
LOCK = os.path.join(ROOT, "requirements.lock")
READY = os.path.join(VENV, "ready")
LOG = os.path.join(VENV, "install.log")
NEEDED_BYTES = 2 * 1024**3
OLDEST = (3, 11)

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
    if sys.version_info < OLDEST:
        return fail("Python 3.11 or newer is needed, found %d.%d (%s)" % (sys.version_info[:2] + (sys.executable,)))
    if not os.path.exists(LOCK):
        return fail("requirements.lock is missing in %s; restore it from git" % ROOT)
    wanted = fingerprint()
    if ready() == wanted:
        return 0
    free = shutil.disk_usage(ROOT).free
    if free < NEEDED_BYTES:
        return fail("the disk has %.1f GB free; the environment needs about 2 GB" % (free / 1024**3))
    say("creating the environment in .venv (once; about a minute)")
    try:
        if os.path.exists(READY):
            os.unlink(READY)
        run([sys.executable, "-m", "venv", "--clear", VENV], None)
        python = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin", "python")
        pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--no-input"]
        run(pip + ["--require-hashes", "-r", LOCK], count_packages())
        run(pip + ["--no-deps", "--no-build-isolation", "--no-index", "-e", ROOT], None)
    except subprocess.CalledProcessError as error:
        return fail(reason(error))
    except OSError as error:
        return fail("%s: %s" % (error.strerror, error.filename))
    except KeyboardInterrupt:
        return fail("interrupted; run the same command again")
    with open(READY, "w") as mark:
        mark.write(wanted)
    return 0


def fingerprint():
    """What the environment must fit: the lock, the package's own metadata, this Python."""
    digest = hashlib.sha256(sys.version.encode())
    for name in ("requirements.lock", "pyproject.toml"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def ready():
    """What the existing environment fits; empty if there is none."""
    try:
        with open(READY) as mark:
            return mark.read()
    except OSError:
        return ""


def count_packages():
    """How many packages the lock names."""
    with open(LOCK) as lock:
        return sum("==" in line for line in lock)


def run(command, packages):
    """Run a command into the log, with a counter of collected packages if their number is known."""
    os.makedirs(VENV, exist_ok=True)
    with open(LOG, "a") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
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
        with open(LOG, errors="replace") as log:
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
