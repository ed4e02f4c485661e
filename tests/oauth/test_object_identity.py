"""Objects belong to the user that read them, inside and outside of `acting_as()`."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import threading

import pytest

from zendesk_orm import (
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
def account(impersonator):
    """Return an account with a request of a customer, whose token can impersonate users."""
    organization = Organization.objects.create(name="Acme")
    for email in (ANNA, BEN):
        User.objects.create(
            name=email.partition("@")[0],
            email=email,
            role="end-user",
            organization_id=organization.pk,
        )
    with impersonator.acting_as(ANNA):
        Request.objects.create(subject="Broken", comment={"body": "It is broken."})
    impersonator.cache.clear()
    return impersonator


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


#: Operations on a request that send something.
OPERATIONS = {
    "save": _reply,
    "asave": lambda request: asyncio.run(_areply(request)),
    "refresh": lambda request: request.refresh_from_db(),
    "arefresh": lambda request: asyncio.run(request.arefresh_from_db()),
    "refresh in a thread": _in_thread,
    "a relation to many": lambda request: list(request.comments.all()),
    "a relation to many, counted": lambda request: request.comments.count(),
    "a relation to many, in a coroutine": lambda request: asyncio.run(_list(request.comments)),
    "create through a relation": lambda request: (
        type(request).objects.using(request.using).create(subject="Another", comment={"body": "x"})
    ),
    "a relation of a pickled copy": lambda request: list(_copy(request).comments.all()),
    "a pickled relation": lambda request: list(_copy(request.comments.all())),
    "refresh of a pickled copy": lambda request: _copy(request).refresh_from_db(),
    "save of a pickled copy": lambda request: _reply(_copy(request)),
    "using": lambda request: list(Request.objects.using(request.using)),
    "bulk of using": lambda request: Request.objects.using(request.using).get(request.pk),
    "prefetch": lambda request: prefetch_related_objects([request], "comments"),
    "prefetch of a queryset": lambda request: prefetch_related_objects(
        [request], _prefetch(request, None)
    ),
    "prefetch of a queryset of an account": lambda request: prefetch_related_objects(
        [request], _prefetch(request, "default")
    ),
    "prefetch of a queryset of its identity": lambda request: prefetch_related_objects(
        [request], _prefetch(request, request.using)
    ),
    "prefetch of a query": lambda request: list(
        type(request).objects.using(request.using).prefetch_related(_prefetch(request, None))
    ),
    "abulk_create": lambda request: asyncio.run(_abulk(request, "abulk_create")),
    "abulk_update": lambda request: asyncio.run(_abulk(request, "abulk_update")),
    "aupdate": lambda request: asyncio.run(_abulk(request, "aupdate")),
    "adelete": lambda request: asyncio.run(_abulk(request, "adelete")),
    "connections": lambda request: connections.session(request.using).reload(request),
    "a batch": lambda request: _save_in_batch(request),
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


async def _list(manager):
    return [item async for item in manager.all()]


def _copy(value):
    return pickle.loads(pickle.dumps(value))


def _save_in_batch(request):
    with connections["default"].batch():
        request.comment = {"body": "Later."}
        request.save()


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("other", [None, BEN])
def test_an_object_read_in_the_block_belongs_to_the_user(account, headers, name, other):
    """An object that was read in a block acts as its user after it and in other blocks."""
    with account.acting_as(ANNA):
        request = Request.objects.get(id=Request.objects.first().pk)
    headers.clear()

    with contextlib.nullcontext() if other is None else account.acting_as(other):
        OPERATIONS[name](request)

    assert set(headers) == {ANNA}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_object_read_outside_belongs_to_the_account(account, headers, name):
    """An object that was read outside acts as the account inside a block."""
    request = Request.objects.get(id=Ticket.objects.fresh().first().pk)
    headers.clear()

    with account.acting_as(ANNA):
        OPERATIONS[name](request)

    assert set(headers) == {None}


def test_a_manager_of_a_relation_belongs_to_the_object(account, headers):
    """The manager of a relation acts as the identity of its object, wherever it is used."""
    with account.acting_as(ANNA):
        hers = Request.objects.first().comments
    ours = Ticket.objects.fresh().first().comments
    headers.clear()

    list(hers.all())
    with account.acting_as(BEN):
        list(hers.filter().all())
        list(ours.all())

    assert headers == [ANNA, ANNA, None]


def test_related_objects_are_loaded_as_the_identity_of_the_object(account, headers):
    """A lazily loaded relation is requested as the identity of the object."""
    ticket = Ticket.objects.fresh().first()
    account.cache.clear()
    headers.clear()

    with account.acting_as(ANNA):
        assert ticket.requester.name == "anna"

    assert headers == [None]


@pytest.mark.parametrize("pickled", [False, True])
def test_a_partial_object_loads_as_its_identity(account, headers, pickled):
    """A partial object loads its fields as its identity, also after unpickling or its session."""
    with account.acting_as(ANNA):
        requester = Request.objects.first().requester
    item = _copy(requester) if pickled else requester
    headers.clear()

    assert item.name == "anna"

    assert headers == [ANNA]


def test_comments_are_created_and_members_changed_as_the_account(account, headers):
    """Actions, tags and writes through relations of a ticket read outside act as the account."""
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
def test_a_bulk_operation_rejects_objects_of_another_identity(
    account, count_requests, headers, read, is_async
):
    """A bulk operation rejects objects of another identity; the remedy in its error works."""
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
            asyncio.run(_run(tickets.abulk_update, [ticket], ["subject"]))
        else:
            tickets.bulk_update([ticket], ["subject"])

    with block:
        with count_requests(account, 0), pytest.raises(InvalidValue, match=r"using\(obj\.using\)"):
            send(Ticket.objects)
        headers.clear()
        send(Ticket.objects.using(ticket.using))
    assert set(headers) == {user}


async def _run(function, *args):
    return await function(*args)


@pytest.mark.parametrize("block", [None, ANNA, BEN])
@pytest.mark.parametrize("read", [None, ANNA])
def test_a_prefetch_rejects_a_queryset_of_another_identity(account, headers, read, block):
    """A prefetch by a QuerySet of another identity than that of the objects raises."""

    def acting(user):
        return contextlib.nullcontext() if user is None else account.acting_as(user)

    with acting(read):
        request = Request.objects.get(id=Ticket.objects.using("default").fresh().first().pk)
    with acting(None if read else ANNA):
        other = Request.objects.get(id=request.pk).using
    headers.clear()

    with acting(block), pytest.raises(InvalidValue, match=r"comments.*another user"):
        prefetch_related_objects([request], _prefetch(request, other))
    with acting(block), pytest.raises(InvalidValue, match=r"comments.*another user"):
        prefetch_related_objects([request], _prefetch(request, f"default as {BEN}"))

    assert headers == []


def test_a_new_object_belongs_to_the_user_of_its_first_save(account, headers):
    """An object created outside and saved inside belongs to the user."""
    request = Request(subject="New", comment={"body": "x"})
    headers.clear()

    with account.acting_as(ANNA):
        request.save()
    request.refresh_from_db()

    assert headers == [ANNA, ANNA]
    assert request.using == "default as anna@example.com"


def test_using_changes_the_identity(account, headers):
    """`save(using=acting.alias)` sends an object of the account as the user."""
    request = Request.objects.get(id=Ticket.objects.fresh().first().pk)
    headers.clear()

    with account.acting_as(ANNA) as acting:
        request.comment = {"body": "Hers."}
        request.save(using=acting.alias)

    assert headers == [ANNA]


def test_the_alias_of_a_user_works_after_the_block(account, headers):
    """The alias of an acting account works after the block; invalid users in it are rejected."""
    with account.acting_as(ANNA) as acting:
        alias = acting.alias
    headers.clear()

    list(Request.objects.using(alias))

    assert headers == [ANNA]
    assert alias in connections
    assert list(connections) == ["default"]
    with pytest.raises(InvalidValue, match="acting_as"):
        Request.objects.using("default as nobody\nX: 1").first()


def test_changes_of_two_identities_are_not_merged(account, headers):
    """A batch sends each change with the header of its object."""
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
