"""Exports of Chat continue after the time and the id of a row."""

from __future__ import annotations

from datetime import datetime, timezone

from zendesk_orm.chat import AgentTimeline, Chat, Conversion


BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)


def test_chats_continue_after_the_last_one(account, leave_message):
    """The checkpoint contains time and id, so that no chat of its second is repeated."""
    for message in ("a", "b"):
        leave_message(message)
    rows = Chat.objects.changed_since(BEGIN.replace(year=2020)).iterator()
    assert {chat.message for chat in rows} == {"a", "b"}
    leave_message("c", day=2)

    later = Chat.objects.changed_since(rows.checkpoint.to_text())

    assert [chat.message for chat in later] == ["c"]
    assert [name for name, _ in rows.checkpoint.params] == ["start_time", "start_id"]
    assert later.checkpoint != rows.checkpoint
    assert not later[0].is_deleted


def test_timelines_continue_at_a_checkpoint(account, seed_row):
    """Checkpoints of timelines count microseconds, and their rows need no ids."""
    for second in range(3):
        started = f"2026-01-02T00:00:0{second}.500000Z"
        seed_row(AgentTimeline, id=f"5|{second}", agent_id=5, status="online", start_time=started)
    rows = AgentTimeline.objects.changed_since(BEGIN).iterator()
    assert len(list(rows)) == 3

    assert list(AgentTimeline.objects.changed_since(rows.checkpoint)) == []
    assert rows.checkpoint.end_time == 1_767_312_002_500_000


def test_an_export_without_rows_continues_at_its_start(account):
    """Without rows, the checkpoint stays at the start of the export."""
    rows = Conversion.objects.changed_since(BEGIN).iterator()

    assert (list(rows), rows.checkpoint.end_time) == ([], int(BEGIN.timestamp()))
