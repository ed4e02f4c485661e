"""An object belongs to the identity with which it was read, inside and outside `acting_as()`."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import threading

import pytest

from tests.oauth.conftest import connect_to
from zendesk_orm import (
    ClientCredentials,
    InvalidValue,
    Organization,
    Prefetch,
    Request,
    Ticket,
    User,
    connections,
    prefetch_related_objects,
)


ANNA, BEN = "anna@example.com", "ben@example.com"


@pytest.fixture
def account(strict, client):
    """Return an account with a request of a customer, whose token may impersonate."""
    scope = "read write impersonate"
    made = connect_to(
        strict, oauth=ClientCredentials("zendesk_orm", client.client_secret, scope=scope)
    )
    organization = Organization.objects.create(name="Acme")
    for email in (ANNA, BEN):
        User.objects.create(
            name=email.partition("@")[0],
            email=email,
            role="end-user",
            organization_id=organization.pk,
        )
    with made.acting_as(ANNA):
        Request.objects.create(subject="Broken", comment={"body": "It is broken."})
    made.rows.clear()
    return made


def _reply(request):
    request.comment = {"body": "Still broken."}
    request.save()


async def _areply(request):
    request.comment = {"body": "Still broken."}
    await request.asave()


def _in_thread(request):
    thread = threading.Thread(target=request.refresh_from_db)
    thread.start()
    thread.join()


#: Ways from a request to the wire.
WAYS = {
    "save": _reply,
    "asave": lambda each: asyncio.run(_areply(each)),
    "refresh": lambda each: each.refresh_from_db(),
    "arefresh": lambda each: asyncio.run(each.arefresh_from_db()),
    "refresh in a thread": _in_thread,
    "a relation to many": lambda each: list(each.comments.all()),
    "a relation to many, counted": lambda each: each.comments.count(),
    "a relation to many, in a coroutine": lambda each: asyncio.run(_listed(each.comments)),
    "create through a relation": lambda each: (
        type(each).objects.using(each.using).create(subject="Another", comment={"body": "x"})
    ),
    "a relation of a pickled copy": lambda each: list(_copied(each).comments.all()),
    "a pickled relation": lambda each: list(_copied(each.comments.all())),
    "refresh of a pickled copy": lambda each: _copied(each).refresh_from_db(),
    "save of a pickled copy": lambda each: _reply(_copied(each)),
    "using": lambda each: list(Request.objects.using(each.using)),
    "bulk of using": lambda each: Request.objects.using(each.using).get(each.pk),
    "prefetch": lambda each: prefetch_related_objects([each], "comments"),
    "prefetch of a queryset": lambda each: prefetch_related_objects([each], _prefetch(each, None)),
    "prefetch of a queryset of an account": lambda each: prefetch_related_objects(
        [each], _prefetch(each, "default")
    ),
    "prefetch of a queryset of its identity": lambda each: prefetch_related_objects(
        [each], _prefetch(each, each.using)
    ),
    "prefetch of a query": lambda each: list(
        type(each).objects.using(each.using).prefetch_related(_prefetch(each, None))
    ),
    "abulk_create": lambda each: asyncio.run(_abulk(each, "abulk_create")),
    "abulk_update": lambda each: asyncio.run(_abulk(each, "abulk_update")),
    "aupdate": lambda each: asyncio.run(_abulk(each, "aupdate")),
    "adelete": lambda each: asyncio.run(_abulk(each, "adelete")),
    "connections": lambda each: connections.session(each.using).reload(each),
    "a batch": lambda each: _batched(each),
}


def _prefetch(request, alias):
    """Return a `Prefetch` of the comments by a query of an alias; None for a query without."""
    model = type(request).comments.model
    queryset = model.objects.all() if alias is None else model.objects.using(alias)
    return Prefetch("comments", queryset=queryset, to_attr="read")


async def _abulk(request, method):
    """Call a bulk method, of tickets because requests have none, as the identity of an object."""
    tickets = Ticket.objects.using(request.using)
    ticket = Ticket.from_row(request._row, request._source)
    ticket.subject = "Other"
    if method == "abulk_create":
        return await tickets.abulk_create([Ticket(subject="New", comment={"body": "x"})])
    if method == "abulk_update":
        return await tickets.abulk_update([ticket], ["subject"])
    rows = tickets.filter(id=ticket.pk)
    return await (rows.aupdate(subject="Other") if method == "aupdate" else rows.adelete())


async def _listed(manager):
    return [each async for each in manager.all()]


def _copied(value):
    return pickle.loads(pickle.dumps(value))


def _batched(request):
    with connections["default"].batch():
        request.comment = {"body": "Later."}
        request.save()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("other", [None, BEN])
def test_an_object_read_in_the_block_stays_the_user_s(account, headers, way, other):
    """After the block, and inside the block of somebody else."""
    with account.acting_as(ANNA):
        request = Request.objects.get(id=Request.objects.first().pk)
    headers.clear()

    with contextlib.nullcontext() if other is None else account.acting_as(other):
        WAYS[way](request)

    assert set(headers) == {ANNA}


@pytest.mark.parametrize("way", WAYS)
def test_an_object_read_outside_stays_the_account_s(account, headers, way):
    """Its requests act as the account itself inside a block, and it absorbs no row of a user."""
    request = Request.objects.get(id=Ticket.objects.fresh().first().pk)
    headers.clear()

    with account.acting_as(ANNA):
        WAYS[way](request)

    assert set(headers) == {None}


def test_a_manager_of_a_relation_belongs_to_the_object(account, headers):
    """Wherever it was made and is used."""
    with account.acting_as(ANNA):
        hers = Request.objects.first().comments
    ours = Ticket.objects.fresh().first().comments
    headers.clear()

    list(hers.all())
    with account.acting_as(BEN):
        list(hers.filter().all())
        list(ours.all())

    assert headers == [ANNA, ANNA, None]


def test_what_an_object_refers_to_is_loaded_as_its_identity(account, headers):
    """A lazily loaded relation to one: the row comes from a request of the object's identity."""
    ticket = Ticket.objects.fresh().first()
    account.rows.clear()
    headers.clear()

    with account.acting_as(ANNA):
        assert ticket.requester.name == "anna"

    assert headers == [None]


@pytest.mark.parametrize("pickled", [False, True])
def test_a_hollow_object_loads_as_its_identity(account, headers, pickled):
    """Pickled or not, and after its session is gone."""
    with account.acting_as(ANNA):
        requester = Request.objects.first().requester
    each = _copied(requester) if pickled else requester
    headers.clear()

    assert each.name == "anna"

    assert headers == [ANNA]


def test_comments_are_created_and_members_changed_as_the_account(account, headers):
    """Actions, tags and writes through a relation of a ticket that was read outside."""
    ticket = Ticket.objects.fresh().first()
    headers.clear()

    with account.acting_as(ANNA):
        ticket.comments.create(body="From the agent.", public=False)
        ticket.tags.add("seen")
        ticket.collaborators.add(User.objects.using(ticket.using).get(email=BEN))
        ticket.delete()

    assert set(headers) == {None}
    assert len(headers) >= 4


@pytest.mark.parametrize("read", ["inside", "outside"])
@pytest.mark.parametrize("is_async", [False, True])
def test_a_bulk_operation_refuses_objects_of_another_identity(
    account, count_requests, headers, read, is_async
):
    """They would be sent as somebody else; the way that the error names works."""
    if read == "inside":
        with account.acting_as(ANNA):
            request = Request.objects.first()
        block, user = contextlib.nullcontext(), ANNA
    else:
        request = Request.objects.get(id=Ticket.objects.fresh().first().pk)
        block, user = account.acting_as(ANNA), None
    ticket = Ticket.from_row(request._row, request._source)
    ticket.subject = "Other"

    def send(tickets):
        if is_async:
            asyncio.run(_awaited(tickets.abulk_update, [ticket], ["subject"]))
        else:
            tickets.bulk_update([ticket], ["subject"])

    with block:
        with count_requests(account, 0), pytest.raises(InvalidValue, match=r"using\(obj\.using\)"):
            send(Ticket.objects)
        headers.clear()
        send(Ticket.objects.using(ticket.using))
    assert set(headers) == {user}


async def _awaited(function, *args):
    return await function(*args)


@pytest.mark.parametrize("block", [None, ANNA, BEN])
@pytest.mark.parametrize("read", [None, ANNA])
def test_a_prefetch_refuses_a_query_of_another_identity(account, headers, read, block):
    """Its rows would be read as the objects' own identity, which the query was not made for."""

    def acting(user):
        return contextlib.nullcontext() if user is None else account.acting_as(user)

    with acting(read):
        request = Request.objects.get(id=Ticket.objects.using("default").fresh().first().pk)
    with acting(None if read else ANNA):
        other = Request.objects.get(id=request.pk).using
    headers.clear()

    with acting(block), pytest.raises(InvalidValue, match=r"comments.*another identity"):
        prefetch_related_objects([request], _prefetch(request, other))
    with acting(block), pytest.raises(InvalidValue, match=r"comments.*another identity"):
        prefetch_related_objects([request], _prefetch(request, f"default as {BEN}"))

    assert headers == []


def test_a_new_object_belongs_to_who_saves_it_first(account, headers):
    """Made outside, saved inside: it is the user's."""
    request = Request(subject="New", comment={"body": "x"})
    headers.clear()

    with account.acting_as(ANNA):
        request.save()
    request.refresh_from_db()

    assert headers == [ANNA, ANNA]
    assert request.using == "default as anna@example.com"


def test_an_object_is_handed_over_by_using(account, headers):
    """`save(using=acting.alias)` sends what the account has read as the user."""
    request = Request.objects.get(id=Ticket.objects.fresh().first().pk)
    headers.clear()

    with account.acting_as(ANNA) as acting:
        request.comment = {"body": "Hers."}
        request.save(using=acting.alias)

    assert headers == [ANNA]


def test_the_alias_of_a_view_works_after_the_block(account, headers):
    """It names the account and the user, and is checked as `acting_as()` checks its user."""
    with account.acting_as(ANNA) as acting:
        alias = acting.alias
    headers.clear()

    list(Request.objects.using(alias))

    assert headers == [ANNA]
    assert alias in connections
    assert list(connections) == ["default"]
    with pytest.raises(InvalidValue, match="e-mail address or the id"):
        Request.objects.using("default as nobody\nX: 1").first()


def test_changes_of_two_identities_are_not_merged(account, headers):
    """A batch sends each with the header of its own object."""
    with account.acting_as(ANNA):
        hers = Request.objects.first()
    ours = Request.objects.get(id=hers.pk)
    headers.clear()

    with account.batch():
        hers.comment = {"body": "Hers."}
        hers.save()
        ours.comment = {"body": "Ours."}
        ours.save()

    assert sorted(headers, key=str) == [None, ANNA]
