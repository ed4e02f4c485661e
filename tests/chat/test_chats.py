"""Chats: created, read in pages and by id, searched, exported."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from zendesk_orm import InvalidValue, NoEndpoint, Ticket
from zendesk_orm.chat import Agent, Chat, IpBan, SearchResult, Visitor, VisitorBan


BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)


def test_chats_have_no_envelope(account, leave_message, sent):
    """Chats are sent and returned without an envelope."""
    chat = leave_message("Hi there!")
    chat.tags = ["sale"]
    chat.unread = True
    chat.save()

    assert sent[-1].json == {"tags": ["sale"], "unread": True}
    assert (chat.tags, chat.message) == (["sale"], "Hi there!")
    assert Chat.objects.get(chat.pk).message == "Hi there!"
    chat.delete()
    with pytest.raises(Chat.DoesNotExist):
        Chat.objects.get(chat.pk)


def test_the_message_of_a_chat_cannot_be_changed(leave_message):
    """Assigning the message of a saved chat raises."""
    chat = leave_message("Hi there!")

    with pytest.raises(Exception, match="when the object is created"):
        chat.message = "Bye!"


def test_chats_are_read_by_links(account, seed_row, count_requests):
    """Chats are read page by page by following links."""
    for number in range(90):
        seed_row(Chat, id=f"2601.1.S{number:03}", type="chat", timestamp="2026-01-01T00:00:00Z")
    with count_requests(account, 3):
        chats = list(Chat.objects.all())

    assert len({chat.pk for chat in chats}) == len(chats) == 90


def test_in_bulk_fetches_fifty_chats_per_request(account, seed_row, count_requests):
    """`in_bulk()` fetches fifty chats per request and leaves out missing ones."""
    ids = [f"2601.1.S{number:03}" for number in range(60)]
    for pk in ids:
        seed_row(Chat, id=pk, type="chat", timestamp="2026-01-01T00:00:00Z")
    with count_requests(account, 2):
        chats = Chat.objects.in_bulk([*ids, "nobody", ids[0]])

    assert {*chats} == set(ids)
    assert all(chat.pk == pk for pk, chat in chats.items())
    with count_requests(account, 2):
        assert Chat.objects.in_bulk() == chats
    with count_requests(account, 0):
        assert Chat.objects.in_bulk([]) == {}


def test_find_combines_words_and_fields(account, leave_message, sent):
    """`find()` combines words and fields with AND, and returns search results."""
    refund = leave_message("I want a refund", day=5)
    leave_message("I want a refund", day=20)
    leave_message("Hello", day=5)
    span = (BEGIN, BEGIN.replace(day=10))
    results = Chat.objects.find("refund", "i want", type="offline_msg", timestamp=span)
    (result,) = results

    expected = (
        'refund AND "i want" AND type:offline_msg AND '
        "timestamp:[2026-01-01T00:00:00Z TO 2026-01-10T00:00:00Z]"
    )
    assert sent[-1].params == (("q", expected),)
    assert (result.pk, result.preview) == (refund.pk, "I want a refund")
    assert result.chat == refund
    assert len(Chat.objects.find("refund", timestamp=(None, None))) == 2


def test_find_returns_a_query(account, seed_row, count_requests):
    """A search is a lazy query that reads the pages it needs."""
    for number in range(50):
        row = {"type": "chat", "timestamp": "2026-01-01T00:00:00Z", "message": "refund"}
        seed_row(Chat, id=f"2601.1.S{number:03}", **row)
    with count_requests(account, 1):
        assert len(list(Chat.objects.find("refund")[:10])) == 10
    with count_requests(account, 2):
        assert len(list(SearchResult.objects.filter(q="message:refund"))) == 50


def test_find_escapes_quotes(account, leave_message):
    """Quotes in search values are escaped."""
    chat = leave_message('He said "no"')

    assert [row.pk for row in Chat.objects.find('said "no"', message='"no"')] == [chat.pk]


def test_find_requires_criteria(account, count_requests):
    """A search without criteria, or with naive datetimes, raises before any request."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="needs words"):
            Chat.objects.find()
        with pytest.raises(InvalidValue, match="time zone"):
            Chat.objects.find(timestamp=(datetime(2026, 1, 1), None))
        with pytest.raises(NoEndpoint, match="needs q"):
            list(SearchResult.objects.all())


def test_exported_chats_have_all_fields(account, leave_message, sent):
    """An export since a time requests all fields of chats."""
    chat = leave_message("Hi there!")
    exported = list(Chat.objects.filter(changed_since=BEGIN.replace(year=2020)))

    assert exported == [chat]
    assert exported[0].message == "Hi there!"
    start = str(int(BEGIN.replace(year=2020).timestamp()))
    expected = (("limit", "1000"), ("fields", "chats(*)"), ("start_time", start))
    assert sent[-1].params == expected


def test_an_export_reads_all_rows_of_one_second(account, seed_row, count_requests):
    """An export returns each row once, even if a page ends within a second."""
    for number in range(1_003):
        moments = dict.fromkeys(("timestamp", "update_timestamp"), "2026-01-02T00:00:00Z")
        seed_row(Chat, id=f"2601.1.S{number:04}", type="chat", **moments)
    with count_requests(account, 2):
        chats = list(Chat.objects.filter(changed_since=BEGIN))

    assert len({chat.pk for chat in chats}) == len(chats) == 1_003


def test_a_chat_has_relations(account, seed_row):
    """A chat leads to its agents, attachments and ticket."""
    for pk in (5, 6):
        seed_row(Agent, id=pk)
    row = seed_row(
        Chat,
        id="2601.1.S",
        type="chat",
        timestamp="2026-01-01T00:00:00Z",
        agent_ids=["5", "6"],
        zendesk_ticket_id=7,
        history=[
            {"type": "chat.msg", "msg": "Hi"},
            {"type": "chat.file", "attachment": {"name": "a.png"}},
        ],
    )
    chat = Chat.objects.get(row["id"])

    assert [agent.pk for agent in chat.agents] == [5, 6]
    assert isinstance(chat.agents[0], Agent)
    assert chat.attachments == [{"name": "a.png"}]
    assert (type(chat.zendesk_ticket), chat.zendesk_ticket.pk) == (Ticket, 7)


def test_ban_creates_a_ban_of_visitor_or_address(account, seed_row, leave_message, count_requests):
    """`ban()` bans the visitor of a chat, or its IP address with `ip=True`."""
    seed_row(Visitor, id="1.12345")
    chat = leave_message("Buy now!")
    with count_requests(account, 2):
        visitor, address = chat.ban("Spam"), chat.ban("Spam", ip=True)

    assert (type(visitor), visitor.visitor_id) == (VisitorBan, "1.12345")
    assert (type(address), address.ip_address) == (IpBan, "192.0.2.1")
    with count_requests(account, 0), pytest.raises(InvalidValue, match="address"):
        Chat(type="chat", session={}).ban("Spam", ip=True)
