"""The command zendesk_export."""

from __future__ import annotations

import io
import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from zendesk_orm import Ticket


def run(*args, **options):
    """Run the command, and return its output."""
    output = io.StringIO()
    call_command("zendesk_export", *map(str, args), stdout=output, **options)
    return output.getvalue()


def test_rows_are_written_to_a_file(demo, tmp_path):
    """The rows that match the lookups are written, with the chosen columns."""
    path = tmp_path / "tickets.jsonl"

    shown = run(
        *("Ticket", path, "--filter", "status=new", "--filter", "tags=printer"),
        *("--fields", "id", "subject"),
    )

    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    expected = Ticket.objects.filter(status="new", tags="printer")
    assert sorted(row["id"] for row in rows) == sorted(ticket.pk for ticket in expected)
    assert set(rows[0]) == {"id", "subject"}
    assert shown == f"{len(rows)} rows in {path}\n"
    path.unlink()
    # A value that is no text for its field is JSON.
    assert run("Group", path, "--filter", "is_public=true") == f"8 rows in {path}\n"


def test_an_existing_file_is_replaced_on_request(demo, tmp_path):
    """Without `--overwrite`, an existing file stays as it is."""
    path = tmp_path / "groups.csv"
    path.write_text("mine", encoding="utf-8")

    with pytest.raises(CommandError, match="--overwrite"):
        run("Group", path)
    assert path.read_text(encoding="utf-8") == "mine"

    assert run("Group", path, "--overwrite", verbosity=0) == ""
    assert path.read_text(encoding="utf-8").startswith("id,")


def test_changes_since_a_moment_are_exported(demo, tmp_path):
    """`--since` is a date, or a date and time, in the time zone of the project."""
    path = tmp_path / "tickets.jsonl"

    run("Ticket", path, "--since", "2000-01-01", "--fields", "id")
    every = len(path.read_text(encoding="utf-8").splitlines())
    moment = demo.transport.clock.now() - 300
    text = datetime.fromtimestamp(moment, ZoneInfo("Europe/Berlin")).strftime("%Y-%m-%d %H:%M:%S")
    run("Ticket", path, "--since", text, "--overwrite")

    assert every == sum(
        1 for _ in Ticket.objects.changed_since(datetime(2000, 1, 1, tzinfo=ZoneInfo("UTC")))
    )
    assert len(path.read_text(encoding="utf-8").splitlines()) < every


def test_errors_are_reported(demo, tmp_path):
    """Wrong arguments are errors of the command, and no file is written."""
    path = tmp_path / "tickets.jsonl"
    for args, word in (
        (("Tickt", path), "'Ticket'"),
        (("Ticket", path, "--account", "emea"), "emea"),
        (("Ticket", path, "--filter", "stauts=new"), "'status'"),
        (("Ticket", path, "--filter", "status"), "LOOKUP=VALUE"),
        (("Ticket", path, "--filter", "status=nwe"), "status"),
        (("Ticket", path, "--since", "yesterday"), "2026-07-01"),
        (("Ticket", path, "--since", "2026-13-01"), "2026-07-01"),
        (("Ticket", tmp_path / "tickets.xyz"), "format"),
        (("Ticket", path, "--fields", "subjekt"), "'subject'"),
    ):
        with pytest.raises(CommandError, match=word):
            run(*args)
    assert list(tmp_path.iterdir()) == []
