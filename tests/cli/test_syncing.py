"""The command `zendesk-orm sync`."""

from __future__ import annotations

import json

import pytest

from zendesk_orm import Mirror, Ticket


@pytest.mark.slow
def test_a_mirror_is_written_in_each_format(demo, run, tmp_path):
    """`sync` writes a file with a history, or a folder of Parquet files, and continues them."""
    for name, format_, options in (("a.db", "duckdb", ["--history"]), ("b", "parquet", [])):
        command = ["sync", "--to", tmp_path / name, "--format", format_, "--models", "tickets"]
        code, out, _ = run(*command, *options, "--json")
        written = json.loads(out)["rows"]["tickets"]
        assert code == 0
        tables = {"tickets", "ticket_history"} if options else {"tickets"}
        assert json.loads(out)["rows"].keys() == tables

        code, out, _ = run(*command, "--json")
        assert (code, json.loads(out)["rows"].keys()) == (0, tables)
        Mirror(tmp_path / name, models=[Ticket], format=format_).connect(name)
        assert Ticket.objects.using(name).count() == written > 0
