"""Exported calls and legs, calls of partner systems, and callback requests."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from zendesk_orm import Comment, InvalidValue, NoEndpoint, NotFound, Ticket
from zendesk_orm.talk import (
    AvailablePhoneNumber,
    Call,
    CallbackRequest,
    Leg,
    PartnerCall,
)


BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)


def test_calls_are_exported_since_a_time(account, seed_row, count_requests):
    """An export ends at a page that repeats the rows of the last second."""
    for hour in (1, 2, 2):
        seed_row(Call, f"2026-01-01T0{hour}:00:00+00:00", direction="inbound")
    with count_requests(account, 2):
        calls = list(Call.objects.filter(changed_since=BEGIN))

    assert len({call.pk for call in calls}) == len(calls) == 3
    assert [call.updated_at.hour for call in calls] == [1, 2, 2]
    with count_requests(account, 1):
        assert list(Call.objects.filter(changed_since=BEGIN.replace(hour=9))) == []
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="changed_since"):
        list(Call.objects.all())


def test_an_export_reads_overlapping_pages(account, seed_row, count_requests):
    """Pages that overlap by a second return each call once."""
    for number in range(1_003):
        second = f"{number // 600:02}:{number // 10 % 60:02}"
        seed_row(Call, f"2026-01-01T01:{second}+00:00")
    with count_requests(account, 3):
        calls = list(Call.objects.filter(changed_since=BEGIN))

    assert len({call.pk for call in calls}) == len(calls) == 1_003


def test_a_call_has_relations(account, owner, seed_row):
    """Calls and legs lead to agent, number and call."""
    number = AvailablePhoneNumber.objects.filter(country="US")[0].buy()
    values = {"agent_id": owner.pk, "phone_number": number.number, "phone_number_id": number.pk}
    row = seed_row(Call, "2026-01-01T01:00:00+00:00", **values)
    seed_row(Leg, "2026-01-01T01:00:00+00:00", call_id=row["id"], agent_id=owner.pk, type="agent")
    (call,) = Call.objects.filter(changed_since=BEGIN)
    (leg,) = Leg.objects.filter(changed_since=BEGIN)

    assert (call.agent.name, call.number) == (owner.name, number)
    assert (leg.call, leg.agent) == (call, owner)


def test_recordings_are_deleted(account, seed_row, emulator, count_requests):
    """Recordings of a call are deleted, all or of one type, by object or by id."""
    pk = seed_row(Call, "2026-01-01T01:00:00+00:00")["id"]
    (call,) = Call.objects.filter(changed_since=BEGIN)
    with count_requests(account, 2):
        call.delete_recordings()
        Call.objects.delete_recordings(pk, "voicemail")

    path = f"DELETE channels/voice/calls/{pk}/recordings"
    assert emulator.requests[-2:] == [path, f"{path}/voicemail"]
    with count_requests(account, 0), pytest.raises(InvalidValue, match="'ai'"):
        call.delete_recordings("video")
    with pytest.raises(NotFound):
        Call.objects.delete_recordings(99)


def _create_call(**values):
    return PartnerCall.objects.create(
        app_id=1003048,
        direction="inbound",
        from_line="+15550100",
        to_line="+15550101",
        call_started_at=BEGIN,
        **values,
    )


def test_a_call_of_a_partner_is_changed(account, count_requests):
    """A call of a partner system is created and changed; its app cannot be changed."""
    with count_requests(account, 1):
        call = _create_call(from_line_nickname="Jane")
    call.call_ended_at = BEGIN.replace(hour=1)
    with count_requests(account, 1):
        call.save()

    assert PartnerCall.objects.get(call.pk).call_ended_at == BEGIN.replace(hour=1)
    with pytest.raises(Exception, match="app_id"):
        call.app_id = 5


def test_a_comment_on_a_call_is_added_to_its_ticket(account, count_requests):
    """`comment()` adds a comment to the ticket, and is accepted without one, as recorded."""
    ticket = Ticket.objects.create(subject="Printer", comment=Comment(body="Help!"))
    call = _create_call(ticket=ticket)
    with count_requests(account, 1):
        comment = call.comment("Call from Jane", call_fields=["duration"])

    assert comment["title"] == "Call from Jane"
    assert list(ticket.comments.all())[-1].body == "Call from Jane"
    assert _create_call().comment("Lost")["title"] == "Lost"


def test_create_with_comment_creates_a_ticket(account, count_requests):
    """`create_with_comment()` creates a call and its ticket in one request."""
    with count_requests(account, 1):
        call = PartnerCall.objects.create_with_comment(
            {"title": "Call from Jane"},
            app_id=1003048,
            direction="inbound",
            from_line="+15550100",
            to_line="+15550101",
            call_started_at=BEGIN,
        )

    assert call.ticket.subject == "Call from Jane"
    with count_requests(account, 0), pytest.raises(InvalidValue, match="direction"):
        PartnerCall.objects.create_with_comment({"title": "No"}, direction="sideways")


def test_a_callback_is_requested(account, emulator, count_requests):
    """A callback goes from a number of the account to an international number."""
    number = AvailablePhoneNumber.objects.filter(country="US")[0].buy()
    with count_requests(account, 1):
        CallbackRequest.objects.request(number, "+15550100", groups=[5])

    assert emulator.requests[-1] == "POST channels/voice/callback_requests"
    with count_requests(account, 0), pytest.raises(InvalidValue, match="international"):
        CallbackRequest.objects.request(number, "555-0100")
    with pytest.raises(NotFound):
        CallbackRequest.objects.request(99, "+15550100")
