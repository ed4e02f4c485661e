"""A revoked token is renewed during any operation, whose result does not change."""

from __future__ import annotations

import asyncio
import io
import itertools
import threading
from contextlib import contextmanager

import pytest

from tests.oauth.conftest import HOME, connect_to
from zendesk_orm import (
    AuthenticationFailed,
    ClientCredentials,
    Group,
    Request,
    Ticket,
    Upload,
    User,
    request_started,
)
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.secret import reveal


ANNA = "anna@example.com"
SUBJECTS = [f"ticket {number}" for number in range(6)]


def _connect(emulator, scope="read write impersonate"):
    secret = emulator.oauth_client.secret
    return connect_to(emulator, oauth=ClientCredentials("zendesk_orm", secret, scope=scope))


@contextmanager
def _account():
    with Emulator(oauth="strict") as emulator:
        account = _connect(emulator)
        account.emulator = emulator
        User.objects.create(name="anna", email=ANNA, role="end-user")
        Ticket.objects.bulk_create(map(_ticket, SUBJECTS))
        yield account


@pytest.fixture
def account():
    """Return an account with six tickets and an end user."""
    with _account() as account:
        yield account


def _ticket(subject):
    return Ticket(subject=subject, comment={"body": "x"})


def _subjects(tickets):
    return sorted(ticket.subject for ticket in tickets)


def _pages(account):
    return _subjects(Ticket.objects.fresh().page_size(2).iterator())


def _bulk_create(account):
    result = Ticket.objects.bulk_create(map(_ticket, SUBJECTS), batch_size=3)
    return len(result.succeeded), _subjects(Ticket.objects.fresh())


def _bulk_update(account):
    tickets = list(Ticket.objects.fresh())
    for ticket in tickets:
        ticket.subject = "changed"
    result = Ticket.objects.bulk_update(tickets, ["subject"], batch_size=3)
    return len(result.succeeded), _subjects(Ticket.objects.fresh())


def _delete(account):
    result = Ticket.objects.fresh().filter(id__in=[1, 2, 3]).delete()
    return len(result.succeeded), _subjects(Ticket.objects.fresh())


def _batch(account):
    with account.batch():
        for ticket in Ticket.objects.fresh():
            ticket.subject = "changed"
            ticket.save()
    return _subjects(Ticket.objects.fresh())


def _dry_run(account):
    with account.dry_run(quiet=True) as diff:
        Ticket.objects.fresh().filter(id__in=[1, 2]).update(subject="changed")
    return len(diff)


def _prefetch(account):
    tickets = Ticket.objects.fresh().prefetch_related("comments")
    return [len(ticket.comments.all()) for ticket in tickets]


def _tasks(account):
    async def read():
        return await asyncio.gather(*(Ticket.objects.aget(id=pk) for pk in (1, 2, 3)))

    return _subjects(asyncio.run(read()))


def _threads(account):
    read = []
    threads = [
        threading.Thread(target=lambda pk=pk: read.append(Ticket.objects.get(id=pk)))
        for pk in (1, 2, 3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _subjects(read)


def _acting(account):
    with account.acting_as(ANNA):
        Request.objects.create(subject="hers", comment={"body": "x"})
        return Request.objects.count(), [request.subject for request in Request.objects.all()]


def _get_or_create(account):
    created = [Group.objects.get_or_create(name="new")[1] for _ in range(2)]
    return created, Group.objects.filter(name="new").count()


def _upload(account):
    file = io.BytesIO(b"skipped" + b"x" * 1_000)
    file.seek(7)
    uploads = [
        Upload.objects.upload(b"x" * 1_000, "bytes"),
        Upload.objects.upload(file, "file"),
        Upload.objects.upload_all([("one", b"1"), ("two", b"2")]),
    ]
    return [upload.attachment.size for upload in uploads], file.tell()


OPERATIONS = {
    function.__name__.strip("_"): function
    for function in (
        _pages,
        _bulk_create,
        _bulk_update,
        _delete,
        _batch,
        _dry_run,
        _prefetch,
        _tasks,
        _threads,
        _acting,
        _get_or_create,
        _upload,
    )
}


def _revoke_before(account, number):
    """Revoke the token of the request of a number from 1 on; return the receiver."""
    numbers, session = itertools.count(1), account.emulator.session()

    def revoke(sender, request, **kwargs):
        if request.path.startswith("/api/v2/") and next(numbers) == number:
            header = reveal(account.transport.credentials._held.header)
            url = f"{HOME}/api/v2/oauth/tokens/current"
            assert session.delete(url, headers={"Authorization": header}).status_code == 204

    request_started.connect(revoke, weak=False)
    return revoke


def _run_with_revocation(operation, number):
    """Return the result, and the numbers of calls and of tokens that were requested."""
    with _account() as account:
        sent, receiver = account.requests_sent, _revoke_before(account, number)
        try:
            result = operation(account)
        finally:
            request_started.disconnect(receiver)
        return result, account.requests_sent - sent, account.transport.credentials.renewals


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_revocation_does_not_change_the_result(name):
    """Revoking the token before any request of an operation causes one token request more."""
    operation = OPERATIONS[name]
    expected, requests, _ = _run_with_revocation(operation, 0)

    for number in range(1, requests + 1):
        result, _, renewals = _run_with_revocation(operation, number)
        assert (number, result, renewals) == (number, expected, 2)


def test_a_file_that_cannot_be_rewound_is_sent_once(account):
    """A rejected upload that cannot be rewound raises; the next request has a new token."""

    class Pipe(io.BytesIO):
        def seekable(self):
            return False

        def seek(self, *args):
            raise OSError("a pipe")

        def tell(self):
            raise OSError("a pipe")

    receiver = _revoke_before(account, 1)
    try:
        with pytest.raises(AuthenticationFailed, match="was not sent again"):
            Upload.objects.upload(Pipe(b"content"), "file")
    finally:
        request_started.disconnect(receiver)

    assert Upload.objects.upload(b"content", "file").attachment.size == 7
    assert account.transport.credentials.renewals == 2


def test_a_job_without_the_scope_to_read_is_requested_once(account, count_requests):
    """Without the scope `read`, a job is requested once, and its state is unknown."""
    writer = _connect(account.emulator, scope="write")

    with count_requests(writer, 2):
        result = Ticket.objects.bulk_create([_ticket("new")], raise_on_failure=False)

    (outcome,) = result.failed
    assert (outcome.state, outcome.error) == ("unknown", "MissingScope")
    assert "read" in outcome.details
