"""Chats: made, read in pages and by id, searched, exported."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from zendesk_orm import InvalidValue, NoEndpoint, Ticket
from zendesk_orm.chat import Agent, Chat, IpBan, SearchResult, Visitor, VisitorBan


BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)


def test_a_chat_comes_and_goes_without_an_envelope(account, leave, sent):
    """The body is the chat itself, and so is the answer."""
    chat = leave("Hi there!")
    chat.tags = ["sale"]
    chat.unread = True
    chat.save()

    assert {"tags": ["sale"], "unread": True} == sent[-1].json
    assert (["sale"], "Hi there!") == (chat.tags, chat.message)
    assert "Hi there!" == Chat.objects.get(chat.pk).message
    chat.delete()
    with pytest.raises(Chat.DoesNotExist):
        Chat.objects.get(chat.pk)


def test_what_was_said_is_settled(leave):
    """Only the comment, the rating, the tags and whether it is read can change."""
    chat = leave("Hi there!")

    with pytest.raises(Exception, match="never again"):
        chat.message = "Bye!"


def test_chats_are_read_in_pages(account, lay, count_requests):
    """Each page links to the next."""
    for number in range(90):
        lay(Chat, id=f"2601.1.S{number:03}", type="chat", timestamp="2026-01-01T00:00:00Z")
    with count_requests(account, 3):
        chats = list(Chat.objects.all())

    assert 90 == len({chat.pk for chat in chats}) == len(chats)


def test_many_chats_are_shown_at_once(account, lay, count_requests):
    """Fifty to a request; those that are not there are absent."""
    ids = [f"2601.1.S{number:03}" for number in range(60)]
    for pk in ids:
        lay(Chat, id=pk, type="chat", timestamp="2026-01-01T00:00:00Z")
    with count_requests(account, 2):
        found = Chat.objects.in_bulk([*ids, "nobody", ids[0]])

    assert set(ids) == {*found}
    assert all(pk == chat.pk for pk, chat in found.items())
    with count_requests(account, 2):
        assert found == Chat.objects.in_bulk()
    with count_requests(account, 0):
        assert {} == Chat.objects.in_bulk([])


def test_chats_are_searched(account, leave, sent):
    """Words and fields have to match together; the results are rows of their own."""
    refund = leave("I want a refund", day=5)
    leave("I want a refund", day=20)
    leave("Hello", day=5)
    span = (BEGIN, BEGIN.replace(day=10))
    found = Chat.objects.find("refund", "i want", type="offline_msg", timestamp=span)
    (result,) = found

    expected = (
        'refund AND "i want" AND type:offline_msg AND '
        "timestamp:[2026-01-01T00:00:00Z TO 2026-01-10T00:00:00Z]"
    )
    assert (("q", expected),) == sent[-1].params
    assert (refund.pk, "I want a refund") == (result.pk, result.preview)
    assert refund == result.chat
    assert 2 == len(Chat.objects.find("refund", timestamp=(None, None)))


def test_search_is_a_query(account, lay, count_requests):
    """It is read in pages, as far as it is wanted, and takes Chat's own words, too."""
    for number in range(50):
        row = {"type": "chat", "timestamp": "2026-01-01T00:00:00Z", "message": "refund"}
        lay(Chat, id=f"2601.1.S{number:03}", **row)
    with count_requests(account, 1):
        assert 10 == len(list(Chat.objects.find("refund")[:10]))
    with count_requests(account, 2):
        assert 50 == len(list(SearchResult.objects.filter(q="message:refund")))


def test_quotes_are_quoted(account, leave):
    """What is looked for is found as it was written."""
    chat = leave('He said "no"')

    assert [chat.pk] == [each.pk for each in Chat.objects.find('said "no"', message='"no"')]


def test_a_search_says_something(account, count_requests):
    """Nothing at all is refused, as are moments without a time zone."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="wants words"):
            Chat.objects.find()
        with pytest.raises(InvalidValue, match="time zone"):
            Chat.objects.find(timestamp=(datetime(2026, 1, 1), None))
        with pytest.raises(NoEndpoint, match="needs q"):
            list(SearchResult.objects.all())


def test_chats_are_exported_whole(account, leave, sent):
    """Since a moment, with all their fields: Zendesk gives ids unless it is asked for more."""
    chat = leave("Hi there!")
    exported = list(Chat.objects.filter(changed_since=BEGIN.replace(year=2020)))

    assert [chat] == exported
    assert "Hi there!" == exported[0].message
    start = str(int(BEGIN.replace(year=2020).timestamp()))
    expected = (("limit", "1000"), ("fields", "chats(*)"), ("start_time", start))
    assert expected == sent[-1].params


def test_a_long_export_loses_nothing(account, lay, count_requests):
    """Pages begin behind the last row, also within a second."""
    for number in range(1_003):
        moments = dict.fromkeys(("timestamp", "update_timestamp"), "2026-01-02T00:00:00Z")
        lay(Chat, id=f"2601.1.S{number:04}", type="chat", **moments)
    with count_requests(account, 2):
        chats = list(Chat.objects.filter(changed_since=BEGIN))

    assert 1_003 == len({chat.pk for chat in chats}) == len(chats)


def test_a_chat_leads_to_those_who_took_part(account, lay):
    """Its agents, its files, and its ticket in Support."""
    for pk in (5, 6):
        lay(Agent, id=pk)
    row = lay(
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

    assert [5, 6] == [agent.pk for agent in chat.agents]
    assert isinstance(chat.agents[0], Agent)
    assert [{"name": "a.png"}] == chat.attachments
    assert (Ticket, 7) == (type(chat.zendesk_ticket), chat.zendesk_ticket.pk)


def test_a_visitor_of_a_chat_is_banned(account, lay, leave, count_requests):
    """Or the address that the chat came from."""
    lay(Visitor, id="1.12345")
    chat = leave("Buy now!")
    with count_requests(account, 2):
        visitor, address = chat.ban("Spam"), chat.ban("Spam", ip=True)

    assert (VisitorBan, "1.12345") == (type(visitor), visitor.visitor_id)
    assert (IpBan, "192.0.2.1") == (type(address), address.ip_address)
    with count_requests(account, 0), pytest.raises(InvalidValue, match="address"):
        Chat(type="chat", session={}).ban("Spam", ip=True)
