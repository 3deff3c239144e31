"""Settings that cannot be used are told in one line; the defaults follow the machine."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from small_book import SmallBook

from compendium.run import settings


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> SmallBook:
    return SmallBook(tmp_path_factory.mktemp("settings"))


@pytest.mark.parametrize("name", ["COMPENDIUM_WORKERS", "COMPENDIUM_CELL_TIMEOUT"])
@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", "nan", "²"])
def test_a_setting_that_is_no_positive_whole_number_is_named(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(settings.SettingError) as told:
        settings.check()
    assert str(told.value) == (
        f"setting {name}: expected a whole number of at least 1; found {value!r}; correct it or unset it"
    )


@pytest.mark.parametrize("command", ["build", "verify", "execute", "accept"])
def test_a_command_refuses_a_wrong_setting_in_one_line(book: SmallBook, command: str, tmp_path: Path) -> None:
    before = sorted((book.root / "_build").rglob("*"))  # what was kept of the whole book's build, or nothing
    done = book.run(command, COMPENDIUM_WORKERS="0")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("error: setting COMPENDIUM_WORKERS: expected a whole number")
    assert sorted((book.root / "_build").rglob("*")) == before


def test_a_folder_of_data_that_is_not_there_is_told_in_one_line(book: SmallBook, tmp_path: Path) -> None:
    done = book.run("verify", COMPENDIUM_DATA=str(tmp_path / "nowhere"))
    assert done.returncode in (1, 2) and done.stderr.count("\n") == 1 and "nowhere" in done.stderr, done.stderr


def test_a_setting_that_is_empty_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPENDIUM_CELL_TIMEOUT", " ")
    assert settings.cell_timeout() == settings.CELL_SECONDS
    monkeypatch.setenv("COMPENDIUM_CELL_TIMEOUT", "7")
    assert settings.cell_timeout() == 7


@pytest.mark.parametrize(
    ("cores", "gigabytes", "expected"),
    [(1, 16, 1), (2, 16, 2), (4, 16, 4), (4, 3, 3), (2, 0.5, 1), (64, 512, settings.MOST_WORKERS)],
)
def test_workers_follow_cores_and_memory(
    cores: int, gigabytes: float, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": int(gigabytes * 2**30 / 4096)}
    machine = SimpleNamespace(environ={}, process_cpu_count=lambda: cores, sysconf=pages.__getitem__)
    monkeypatch.setattr(settings, "os", machine)
    assert settings.workers() == expected
    machine.environ["COMPENDIUM_WORKERS"] = "5"
    assert settings.workers() == 5


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not bind processes to cores")
def test_cores_that_this_process_may_not_use_are_not_counted() -> None:
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert settings._cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_tests_run_in_as_many_processes_as_chapters(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.hook.pytest_xdist_auto_num_workers(config=pytestconfig) == settings.workers()


def test_what_tests_share_is_used_by_one_process(request: pytest.FixtureRequest) -> None:
    from conftest import together

    assert together("tests/run/test_verify.py::test_one") == together("tests/run/test_verify.py::test_two[1.html]")
    looks = "tests/site/test_site.py::test_axe_finds_no_fault"
    assert together(f"{looks}[book/index.html-wide-light]") == together(f"{looks}[book/index.html-phone-dark]")
    assert together(f"{looks}[search.html-wide-light]") == "search.html"
    for item in request.session.items:
        page = item.callspec.params.get("page") if hasattr(item, "callspec") else None
        if page and "opened" in item.fixturenames:  # type: ignore[attr-defined]
            assert together(item.nodeid) == page, item.nodeid
