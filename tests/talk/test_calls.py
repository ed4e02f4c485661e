"""Calls and legs that are exported, calls of other systems, and callbacks."""

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


def test_calls_are_exported_since_a_moment(account, lay, count_requests):
    """The page behind the last one repeats the rows of the last moment, and is the end."""
    for hour in (1, 2, 2):
        lay(Call, f"2026-01-01T0{hour}:00:00+00:00", direction="inbound")
    with count_requests(account, 2):
        calls = list(Call.objects.filter(changed_since=BEGIN))

    assert 3 == len({call.pk for call in calls}) == len(calls)
    assert [1, 2, 2] == [call.updated_at.hour for call in calls]
    with count_requests(account, 1):
        assert [] == list(Call.objects.filter(changed_since=BEGIN.replace(hour=9)))
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="changed_since"):
        list(Call.objects.all())


def test_a_long_export_loses_nothing(account, lay, count_requests):
    """Pages overlap by a moment; each call comes once."""
    for number in range(1_003):
        second = f"{number // 600:02}:{number // 10 % 60:02}"
        lay(Call, f"2026-01-01T01:{second}+00:00")
    with count_requests(account, 3):
        calls = list(Call.objects.filter(changed_since=BEGIN))

    assert 1_003 == len({call.pk for call in calls}) == len(calls)


def test_a_call_is_of_people(account, owner, lay):
    """Agent, ticket and number are those of Support and Talk."""
    number = AvailablePhoneNumber.objects.filter(country="US")[0].buy()
    told = {"agent_id": owner.pk, "phone_number": number.number, "phone_number_id": number.pk}
    row = lay(Call, "2026-01-01T01:00:00+00:00", **told)
    lay(Leg, "2026-01-01T01:00:00+00:00", call_id=row["id"], agent_id=owner.pk, type="agent")
    (call,) = Call.objects.filter(changed_since=BEGIN)
    (leg,) = Leg.objects.filter(changed_since=BEGIN)

    assert (owner.name, number) == (call.agent.name, call.number)
    assert (call, owner) == (leg.call, leg.agent)


def test_recordings_are_deleted(account, lay, emulator, count_requests):
    """All, or those of one type; of a call that was read, or that only a comment tells of."""
    pk = lay(Call, "2026-01-01T01:00:00+00:00")["id"]
    (call,) = Call.objects.filter(changed_since=BEGIN)
    with count_requests(account, 2):
        call.delete_recordings()
        Call.objects.delete_recordings(pk, "voicemail")

    path = f"DELETE channels/voice/calls/{pk}/recordings"
    assert [path, f"{path}/voicemail"] == emulator.requests[-2:]
    with count_requests(account, 0), pytest.raises(InvalidValue, match="'ai'"):
        call.delete_recordings("video")
    with pytest.raises(NotFound):
        Call.objects.delete_recordings(99)


def _call(**values):
    return PartnerCall.objects.create(
        app_id=1003048,
        direction="inbound",
        from_line="+15550100",
        to_line="+15550101",
        call_started_at=BEGIN,
        **values,
    )


def test_a_call_of_another_system_is_kept(account, count_requests):
    """It is made, shown and changed by PATCH; its app is settled."""
    with count_requests(account, 1):
        call = _call(from_line_nickname="Jane")
    call.call_ended_at = BEGIN.replace(hour=1)
    with count_requests(account, 1):
        call.save()

    assert BEGIN.replace(hour=1) == PartnerCall.objects.get(call.pk).call_ended_at
    with pytest.raises(Exception, match="app_id"):
        call.app_id = 5


def test_a_call_is_commented_on(account, count_requests):
    """In its ticket; without one the comment is accepted nevertheless, as recorded."""
    ticket = Ticket.objects.create(subject="Printer", comment=Comment(body="Help!"))
    call = _call(ticket=ticket)
    with count_requests(account, 1):
        told = call.comment("Call from Jane", call_fields=["duration"])

    assert "Call from Jane" == told["title"]
    assert "Call from Jane" == list(ticket.comments.all())[-1].body
    assert "Lost" == _call().comment("Lost")["title"]


def test_a_call_makes_a_ticket(account, count_requests):
    """Where it has none and says something, in the same request."""
    with count_requests(account, 1):
        call = PartnerCall.objects.create_with_comment(
            {"title": "Call from Jane"},
            app_id=1003048,
            direction="inbound",
            from_line="+15550100",
            to_line="+15550101",
            call_started_at=BEGIN,
        )

    assert "Call from Jane" == call.ticket.subject
    with count_requests(account, 0), pytest.raises(InvalidValue, match="direction"):
        PartnerCall.objects.create_with_comment({"title": "No"}, direction="sideways")


def test_a_callback_is_asked_for(account, emulator, count_requests):
    """Of a number of the account, to an international number."""
    number = AvailablePhoneNumber.objects.filter(country="US")[0].buy()
    with count_requests(account, 1):
        CallbackRequest.objects.request(number, "+15550100", groups=[5])

    assert "POST channels/voice/callback_requests" == emulator.requests[-1]
    with count_requests(account, 0), pytest.raises(InvalidValue, match="international"):
        CallbackRequest.objects.request(number, "555-0100")
    with pytest.raises(NotFound):
        CallbackRequest.objects.request(99, "+15550100")
