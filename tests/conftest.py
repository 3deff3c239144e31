"""What the tests share: a registry to break, the built site, and a browser to read it with."""

from __future__ import annotations

import fcntl
import functools
import http.server
import os
import re
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from small_book import SmallBook
from xdist.scheduler import LoadScopeScheduling

from compendium.evidence import paths
from compendium.run import runtime, settings

SITE = paths.ROOT / "_build" / "html"
# Started in the background of a script, a program inherits that interrupts are ignored, and tests interrupt some.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# Small books are built in many folders; what they fetch for the browser is fetched once.
os.environ.setdefault(runtime.PLACE, str(runtime.folder()))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """As many processes as chapters are executed at once."""
    return settings.workers()


# What takes long begins first, so that no process waits at the end for another's last file.
LONGEST = (
    "site/test_address",
    "run/test_execute",
    "run/test_build",
    "site/test_verify_here",
    "site/test_offline",
    "site/test_doors",
    "site/test_site",
    "run/",
    "site/",
    "book/",
    "claims/",
    "methods/",
)


_PAGE = re.compile(r"\w+(?:/[\w-]+)*\.html")


@functools.cache
def _lookers(file: str) -> frozenset[str]:
    """The tests of a file that share open pages."""
    text = (paths.ROOT / file).read_text(encoding="utf-8")
    return frozenset(re.findall(r"^def (test_\w+)\([^)]*\bopened\b", text, re.MULTILINE))


def together(nodeid: str) -> str:
    """What a test shares with others, and one process does: its file, or the open page at which it looks."""
    file, _, test = nodeid.partition("::")
    name, _, case = test.partition("[")
    page = _PAGE.search(case) if name in _lookers(file) else None
    return page[0] if page else file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes long begin first, and what is done together stand together."""

    def turn(item: pytest.Item) -> tuple[int, str]:
        group = together(item.nodeid)
        place = group.removeprefix("tests/")
        return next((at for at, start in enumerate(LONGEST) if place.startswith(start)), len(LONGEST)), group

    items.sort(key=turn)


class Together(LoadScopeScheduling):
    """Hands out tests by what they share. Marks would not do: with this pytest, xdist does not see their groups."""

    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return Together(config, log)


def chromium_path() -> str | None:
    return next(
        (p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None
    )


@pytest.fixture(scope="session")
def site() -> Path:
    if not (SITE / "index.html").exists():
        pytest.fail("the site is not built; run `make book` (make test does so first)")
    return SITE


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None: ...


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    path = chromium_path()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs Chromium: install Debian's package chromium")
        pytest.skip("no Chromium found: the browser stories were NOT run; install Debian's package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )


@pytest.fixture
def reader(browser: Any, address: str) -> Any:
    """Make readers, each in a browser context of its own; options are Playwright's."""
    from reader import Reader

    readers: list[Reader] = []

    def make(**options: Any) -> Reader:
        readers.append(Reader(browser, options.pop("address", address), **options))
        return readers[-1]

    yield make
    for one in readers:
        one.context.close()


@pytest.fixture(scope="session")
def _opened(browser: Any, address: str) -> Any:
    from reader import Opened

    return Opened(browser, address)


@pytest.fixture
def opened(_opened: Any) -> Any:
    """Pages of the built site, open and seen, which tests share that only look at them (see reader.py)."""
    return _opened


# ---------------------------------------------------------------- small books in which something was done already


def _once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first test process to ask for it makes, for all of them."""
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, ready = base / name, base / f"{name}.ready"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            make(folder)
            ready.touch()
    return folder


@pytest.fixture(scope="session")
def accepted_book(tmp_path_factory: pytest.TempPathFactory) -> SmallBook:
    """A small book whose verdicts are published. Copy it: `SmallBook(tmp_path, accepted_book)`."""

    def make(folder: Path) -> None:
        SmallBook(folder).did("accept")

    return SmallBook.at(_once(tmp_path_factory, "accepted-book", make))


@pytest.fixture(scope="session")
def certified_book(tmp_path_factory: pytest.TempPathFactory, accepted_book: SmallBook) -> SmallBook:
    """A small book whose certificate is published. Copy it: `SmallBook(tmp_path, certified_book)`."""

    def make(folder: Path) -> None:
        SmallBook(folder, accepted_book).did("verify", "--publish")

    return SmallBook.at(_once(tmp_path_factory, "certified-book", make))


@pytest.fixture(scope="session")
def _built_and_saved(tmp_path_factory: pytest.TempPathFactory, accepted_book: SmallBook) -> tuple[SmallBook, Path]:
    book = SmallBook(tmp_path_factory.mktemp("built") / "book", accepted_book)
    book.did("build")
    return book, book.save()


@pytest.fixture
def built_book(_built_and_saved: tuple[SmallBook, Path]) -> Iterator[SmallBook]:
    """A small book with its site, put back as it was after each test."""
    book, saved = _built_and_saved
    yield book
    book.put_back(saved)
