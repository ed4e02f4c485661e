"""The command `zendesk-orm export`."""

from __future__ import annotations

import csv
import json
from datetime import datetime, timedelta, timezone

import pytest

from zendesk_orm import Ticket, User
from zendesk_orm.emulator import Fault


def read_lines(path):
    """Return the rows of a file with lines of JSON."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_rows_are_written_to_a_file(demo, run, tmp_path):
    """`export` writes the rows that match conditions, with columns of related rows."""
    path = tmp_path / "agents.csv"

    code, out, err = run(
        *("export", "users", "role=agent", "--columns", "id,name", "--to", path, "--limit", 5)
    )

    with path.open(encoding="utf-8", newline="") as file:
        written = list(csv.reader(file))
    users = User.objects.filter(role="agent")[:5]
    assert (code, out) == (0, "")
    assert err == f"wrote 5 rows to {path}; requests sent: 1\n"
    assert written == [["id", "name"], *([str(user.id), user.name] for user in users)]


def test_rows_since_a_time(demo, run, tmp_path):
    """`--since` exports the rows that have changed since a date, a moment or a Unix time."""
    moment = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(days=3)
    expected = {ticket.id for ticket in Ticket.objects.filter(changed_since=moment)}
    texts = (moment.isoformat(), moment.strftime("%Y-%m-%dT%H:%MZ"), int(moment.timestamp()))

    for number, text in enumerate(texts):
        path = tmp_path / f"{number}.jsonl"
        code, _, _ = run("export", "tickets", "--since", text, "--to", path, "--quiet")

        assert code == 0
        assert {row["id"] for row in read_lines(path)} >= expected
    assert len(expected) > 0


def test_changed_rows_can_be_limited(demo, run, tmp_path):
    """`--since` and `--limit` together export the first changed rows."""
    path = tmp_path / "tickets.jsonl"
    code, _, _ = run("export", "tickets", "--since", 0, "--to", path, "--limit", 3)

    first = [ticket.id for ticket in Ticket.objects.changed_since(0)[:3]]
    assert (code, [row["id"] for row in read_lines(path)]) == (0, first)


@pytest.mark.slow
def test_an_interrupted_export_is_resumed(demo_emulator, run, tmp_path):
    """After an error, the same command with `--resume` writes each row once."""
    path = tmp_path / "tickets.jsonl"
    command = ("export", "tickets", "--to", path)
    demo_emulator.faults.add(Fault("GET /api/v2/search/export", status=403, skip=1))
    failed = run(*command)
    demo_emulator.faults.clear()
    resumed = run(*command, "--resume", "--json")

    assert failed[0] == 1
    assert failed[2].count("\n") == 1
    assert resumed[0] == 0
    ids = [row["id"] for row in read_lines(path)]
    assert json.loads(resumed[1])["rows"] == len(ids) == len(set(ids)) == 3000


@pytest.mark.slow
def test_rows_are_written_to_stdout(demo, start, tmp_path):
    """`--to -` writes to stdout, and nothing else is printed there."""
    process = start(
        *("export", "groups", "--to", "-", "--format", "jsonl"),
        env={"ZENDESK_URL": "emulator://?seed=demo"},
    )
    out, err = process.communicate(timeout=60)

    rows = [json.loads(line) for line in out.splitlines()]
    assert (process.returncode, len(rows) > 0) == (0, True)
    assert "rows to stdout" in err


def test_wrong_arguments_are_usage_errors(demo, run, tmp_path, count_requests):
    """A wrong time, model, column or format exits with 2, and nothing is requested."""
    path = tmp_path / "x.csv"
    cases = {
        "tickets": "Missing option '--to'",
        f"brands --since 2024-01-01 --to {path}": "no incremental export of brands",
        f"tickets --since yesterday --to {path}": "2024-01-31T12:30Z",
        f"tickets --since 4hours --to {path} --resume": "--since must be a date or a time",
        f"tickets --since {10**30} --to {path}": "too large",
        f"tickets --columns colour --to {path}": "has no field 'colour'",
        f"tickets --to {tmp_path / 'x.foo'}": "--format",
        f"tickets --format xls --to {path}": "jsonl",
        f"tickets --columns , --to {path}": "'--columns': must be names",
        f"tickets --order-by , --to {path}": "'--order-by': must be names",
        f"tickets --partition-by , --to {path}": "'--partition-by': must be names",
        "tickets --partition-by status --format csv --to -": "--partition-by and --resume need",
        f"tickets --since 0 --order-by -id --columns id --to {path}": "--scan would read",
    }
    with count_requests(demo, 0):
        for arguments, message in cases.items():
            code, out, err = run("export", *arguments.split())

            assert (arguments, code, out) == (arguments, 2, "")
            assert message in err
            assert err.count("\n") == 1


def test_existing_files_are_kept(demo, run, tmp_path, count_requests):
    """A file that exists is an error that names `--overwrite`, which replaces it."""
    path = tmp_path / "groups.csv"
    path.write_text("mine")

    with count_requests(demo, 0):
        code, _, err = run("export", "groups", "--to", path)
    replaced = run("export", "groups", "--to", path, "--overwrite")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine.txt").touch()
    options = ("--format", "csv", "--partition-by", "name", "--overwrite")
    refused = run("export", "groups", "--to", tmp_path / "folder", *options)

    assert (refused[0], "pass --overwrite" in refused[2]) == (1, False)
    assert "Not a folder of an earlier export" in refused[2]
    assert code == 1
    assert "pass --overwrite" in err
    assert replaced[0] == 0
    assert path.read_text(encoding="utf-8") != "mine"
