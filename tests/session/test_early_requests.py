"""The next page of an export is requested before the last one is decoded."""

from __future__ import annotations

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from zendesk_orm import Ticket
from zendesk_orm.emulator import Emulator
from zendesk_orm.http import failures
from zendesk_orm.session.lists.early_requests import parse_end


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)


@given(rows=st.lists(JSON), members=st.dictionaries(st.text(max_size=8), JSON, min_size=1))
def test_the_end_of_a_body_is_read_without_its_rows(rows, members):
    """Members behind the rows are those of the decoded body; values in rows are never taken."""
    members.pop("tickets", None)
    body = json.dumps({"tickets": rows, **members}, separators=(",", ":")).encode()

    end = parse_end(body)

    assert {name: members.get(name) for name in end} == end


@given(JSON)
def test_other_bodies_have_no_end(value):
    """A body of any other form has no members, or those that it contains."""
    body = json.dumps(value, separators=(",", ":")).encode()

    end = parse_end(body)

    assert end == {} or {name: value[name] for name in end} == end


def test_a_request_overlaps_decoding(monkeypatch):
    """While a caller waits for a page, the next one is requested before the page is decoded."""
    emulator = Emulator()
    emulator.generate(Ticket, 6_000)
    account = emulator.connect(read_ahead=1)
    events, decode = [], failures.json.loads
    exchange = account.transport.exchange

    def record_exchange(request, *args, **kwargs):
        events.append("request")
        return exchange(request, *args, **kwargs)

    def record_decoding(body, *args, **kwargs):
        if len(body) > 100_000:
            events.append("decode")
        return decode(body, *args, **kwargs)

    monkeypatch.setattr(account.transport, "exchange", record_exchange)
    monkeypatch.setattr(failures.json, "loads", record_decoding)
    ids = [ticket.id for ticket in Ticket.objects.iterator()]
    account.close()

    assert len(set(ids)) == len(ids) == 6_000
    assert events.count("request") == 6
    assert ("request", "request") in set(pairwise(events))
