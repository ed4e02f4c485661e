"""Copies of seeded accounts in the user's cache folder."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.seeds import cache, new_account
from zendesk_orm.http.clock import VirtualClock


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Return an empty cache folder, after this process has forgotten its copies."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(cache.sys, "platform", "linux")
    monkeypatch.setattr(new_account, "_STORES", {})
    return tmp_path / "zendesk_orm"


@pytest.fixture
def builds(monkeypatch):
    """Return a list that gets an item whenever the seed is built; it has a single row."""
    built = []

    def fill(context):
        built.append(1)
        new_account.create_row(context, new_account.Group._meta, name="Seeded")

    monkeypatch.setattr(new_account, "SEEDS", {"demo": fill})
    return built


def start(**switches):
    """Return the rows of a new emulator, created as in another process."""
    new_account._STORES.clear()
    with Emulator(seed="demo", **switches) as emulator:
        return list(emulator.dump_lines())


def test_a_seed_is_built_once(builds, folder):
    """The first emulator builds the rows and stores a copy, which others use in any process."""
    assert start() == start() == start()
    assert len(builds) == 1
    assert [path.suffix for path in folder.iterdir()] == [".db"]


def test_a_copy_keeps_the_times_of_its_rows(builds, monkeypatch):
    """The rows of a copy are the same later, with the OAuth client of `connect()`."""
    now = time.time()
    seconds = itertools.count(step=60)
    monkeypatch.setattr("zendesk_orm.http.clock.time.time", lambda: now + next(seconds))

    assert start(oauth="strict") == start(oauth="strict")
    assert len(builds) == 1


def test_a_file_is_filled_once(builds, tmp_path):
    """An emulator does not build the seed in a file that was filled before."""
    for _ in range(3):
        with Emulator(tmp_path / "acme.db", seed="demo") as emulator:
            assert emulator.count_rows()["support.Group"] == 2

    assert len(builds) == 1


def test_changes_do_not_reach_the_copy(builds):
    """Rows that an emulator creates are not part of the copy."""
    before = start()
    with Emulator(seed="demo") as emulator:
        emulator.make_ids(new_account.Group, 3)

    assert start() == before


def test_files_and_clocks_use_no_copy(builds, tmp_path):
    """An emulator with a file or a clock builds its rows, because the times of a copy are fixed."""
    start()
    with Emulator(str(tmp_path / "z.db"), seed="demo"):
        pass
    with Emulator(seed="demo", clock=VirtualClock(1_790_000_000)):
        pass

    assert len(builds) == 3


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"x" * 5000])
def test_a_damaged_copy_is_replaced(builds, content):
    """A copy that cannot be read is built again."""
    expected = start()
    cache.find_path("demo").write_bytes(content)

    rebuilt = start()

    assert len(rebuilt) == len(expected)
    assert start() == rebuilt
    assert len(builds) == 2


def test_an_old_copy_is_replaced(builds, folder):
    """A copy is used for a day, and copies of other versions are removed after a week."""
    start()
    path = cache.find_path("demo")
    for age, other in ((86_401, path), (8 * 86_400, folder / "demo-0.0.1-a.db")):
        other.touch()
        os.utime(other, (path.stat().st_mtime - age,) * 2)
    start()
    start()

    assert len(builds) == 2
    assert [other.name for other in folder.iterdir()] == [path.name]


def test_an_unusable_folder_is_ignored(builds, folder):
    """If the folder cannot be written, each process builds the rows."""
    folder.write_text("a file")

    assert start()
    assert start()
    assert len(builds) == 2


def test_a_copy_is_used_by_the_same_code_only(monkeypatch, tmp_path):
    """A copy is not used by another version of the library, or after a change of its files."""
    paths = [cache.find_path("demo")]
    monkeypatch.setattr(cache, "__version__", "9.9")
    paths.append(cache.find_path("demo"))
    monkeypatch.setattr(cache, "_PACKAGE", tmp_path)
    paths.append(cache.find_path("demo"))

    assert len(set(paths)) == 3


@pytest.mark.slow
def test_processes_build_the_same_copy(folder):
    """Processes that start together have complete accounts, and leave one copy."""
    code = (
        "from zendesk_orm.emulator import Emulator\n"
        "print(sum(Emulator(seed='demo').count_rows().values()))"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    counts = {process.communicate()[0] for process in processes}

    assert len(counts) == 1
    assert int(counts.pop()) > 17_000
    assert len(list(folder.iterdir())) == 1


def test_new_accounts_are_copied_by_threads(monkeypatch):
    """Accounts of one second are equal, whichever thread starts them, and have their own rows."""
    numbers = itertools.count()
    monkeypatch.setattr(
        "zendesk_orm.http.clock.time.time", lambda: 1_790_000_000 + next(numbers) % 3
    )

    def start(number):
        with Emulator() as emulator:
            rows = list(emulator.dump_lines())
            new_account.create_row(emulator._context, new_account.Group._meta, name=str(number))
            return emulator.clock.now(), rows

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(start, range(64)))

    by_second = dict(results)
    assert len(by_second) > 1
    assert all(rows == by_second[second] for second, rows in results)
