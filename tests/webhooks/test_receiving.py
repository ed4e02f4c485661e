"""`WebhookReceiver`: failures, repetitions, triggers, cached rows and the number of requests."""

from __future__ import annotations

import logging
import os
import threading

import pytest

from tests.webhooks.signing import NOW, SECRET, build_event, compute_signature, sign
from zendesk_orm import (
    Comment,
    ConfigurationError,
    InvalidValue,
    MemoryInvocations,
    Q,
    Ticket,
    User,
    WebhookReceiver,
    connections,
    dead_letters,
    receiver,
    remote_changed,
    remote_created,
    remote_deleted,
    verify,
    webhook_received,
)
from zendesk_orm.http.clock import VirtualClock


@pytest.fixture
def ticket(zendesk):
    """Return a ticket."""
    return Ticket.objects.create(subject="Fire", comment=Comment(body="x"))


@pytest.fixture
def user(zendesk):
    """Return an end user."""
    return User.objects.create(name="Kim", email="kim@example.com")


def deliver(receiving, payload=None, **options):
    """Send a signed payload to a receiver, and return the status of the response."""
    request = sign(payload, **options)
    return receiving.handle(request.body, request.headers, request.method).status


def change_name(zendesk, user, name):
    """Change the name of a user by another client."""
    zendesk.connect("other")
    copy = User.objects.using("other").get(user.pk)
    copy.name = name
    copy.save()


def test_a_row_is_requested_for_receivers_only(ticket, receiving, count_requests):
    """Without a receiver of the model no request is sent, and with one a single request."""
    account = receiving.account
    with count_requests(account, 0):
        assert deliver(receiving, build_event(pk=ticket.pk)) == 200

    @receiver(remote_changed, sender=User)
    def watch(sender, **kwargs):
        """Do nothing."""

    with count_requests(account, 0):
        assert deliver(receiving, build_event(pk=ticket.pk)) == 200
    seen = []

    @receiver(remote_changed, sender=Ticket, when=Q(subject="Fire"))
    def record(sender, instance, changes, origin, using, change, **kwargs):
        seen.append((instance, changes, origin, using, change.source, instance.description))

    with count_requests(account, 1):
        assert deliver(receiving, build_event(pk=ticket.pk)) == 200
    assert seen == [(ticket, {"status": ("new", "open")}, "remote", "default", "webhook", "x")]


def test_the_events_of_one_save_share_a_request(ticket, receiving, count_requests):
    """Events with the same sequence load the row once; a later save loads it again."""
    seen = []

    @receiver(remote_changed, sender=Ticket)
    def record(sender, instance, changes, **kwargs):
        seen.append(instance.subject)

    def send(sequence, position):
        meta = {"sequence": {"id": sequence, "position": position}}
        values = {"current": "OPEN", "previous": "NEW", "meta": meta}
        assert deliver(receiving, build_event(pk=ticket.pk, event=values)) == 200

    with count_requests(receiving.account, 1):
        for position in range(4):
            send("a", position)
    with count_requests(receiving.account, 1):
        send("b", 0)
    assert seen == ["Fire"] * 5


def test_one_receiver_serves_local_and_remote_changes(ticket, receiving):
    """The keys of the changes of a remote save are those of a local one."""
    seen = []

    @receiver([remote_changed], sender=Ticket)
    def record(sender, changes, **kwargs):
        seen.append(sorted(changes))

    deliver(receiving, build_event("ticket.group_assignment_changed", ticket.pk, {}))
    event = {"current": "5", "previous": "0"}
    deliver(receiving, build_event("ticket.agent_assignment_changed", ticket.pk, event))
    ticket.assignee_id = None
    ticket.group_id = 5
    assert seen == [[], ["assignee_id"]]
    assert sorted(ticket.changes()) == ["group_id"]


def test_deleted_rows_have_their_id(ticket, receiving, count_requests):
    """The object of a deleted row has its id and the values of the event, without a request."""
    seen = []

    @receiver(remote_deleted, sender=Ticket)
    def record(sender, instance, **kwargs):
        seen.append((instance.pk, instance.subject, instance.requester_id))

    detail = {"subject": "Fire", "requester_id": "35", "status": "DELETED"}
    with count_requests(receiving.account, 0):
        event = build_event("ticket.soft_deleted", ticket.pk, {}, detail)
        assert deliver(receiving, event) == 200
    assert seen == [(ticket.pk, "Fire", 35)]


def test_rows_that_no_longer_exist(zendesk, receiving, count_requests):
    """A change of a row that was deleted since is announced with the values of the event."""
    seen = []

    @receiver(remote_changed, sender=Ticket)
    def record(sender, instance, **kwargs):
        seen.append((instance.pk, instance.subject))

    with count_requests(receiving.account, 1):
        assert deliver(receiving, build_event(pk=999, detail={"subject": "Gone"})) == 200
    assert seen == [(999, "Gone")]


def test_failed_receivers_are_repeated(ticket, receiving, caplog):
    """If a receiver fails, the response lets Zendesk repeat the request, which runs again."""
    calls, failures = [], [RuntimeError("first"), RuntimeError("second")]

    @receiver(webhook_received)
    def fail(sender, **kwargs):
        calls.append("received")
        if failures:
            raise failures.pop(0)

    request = sign(build_event(pk=ticket.pk))
    replies = [receiving.handle(request.body, request.headers) for _ in range(4)]

    assert [reply.status for reply in replies] == [503, 503, 200, 200]
    assert int(dict(replies[0].headers)["Retry-After"]) < 60
    assert calls == ["received"] * 3
    assert "first" in caplog.text


def test_failed_receivers_of_changes_are_called_again(ticket, receiving, zendesk):
    """A receiver of a remote change that fails is called again by the library, not by Zendesk."""
    calls = []

    @receiver(remote_changed, sender=Ticket)
    def fail(sender, **kwargs):
        calls.append(1)
        raise RuntimeError("no")

    assert deliver(receiving, build_event(pk=ticket.pk)) == 200
    (letter,) = dead_letters().waiting
    assert (letter.row, letter.attempts, calls) == (f"support.Ticket:{ticket.pk}", 1, [1])


def test_own_changes_cost_no_request(receiving, count_requests):
    """The event of an own save is not announced, and no row is requested."""
    calls = []

    @receiver(remote_changed, sender=Ticket)
    def record(sender, **kwargs):
        calls.append(1)

    saved = Ticket.objects.create(subject="Own", comment=Comment(body="x"))
    saved.status = "open"
    saved.save()
    detail = {"updated_at": saved._row["updated_at"]}
    time = detail["updated_at"]
    with count_requests(receiving.account, 0):
        assert deliver(receiving, build_event(pk=saved.pk, detail=detail, time=time)) == 200
    assert calls == []


def test_all_receivers_are_called(ticket, receiving, caplog):
    """A failing receiver of `webhook_received` does not keep the others from being called."""
    calls = []

    @receiver(webhook_received)
    def fail(sender, payload, delivery, using, **kwargs):
        calls.append((sender, using, delivery.content_type))
        raise RuntimeError("one")

    @receiver(remote_changed, sender=Ticket)
    def fail_too(sender, **kwargs):
        calls.append("changed")
        raise RuntimeError("two")

    assert deliver(receiving, build_event(pk=ticket.pk)) == 503
    assert calls == [("default", "default", "application/json"), "changed"]
    assert "one" in caplog.text
    assert "two" in caplog.text


def test_failures_of_requests_are_repeated(ticket, receiving, zendesk):
    """If the row cannot be loaded, nothing is announced, and Zendesk repeats the request."""
    calls = []

    @receiver(remote_changed, sender=Ticket)
    def record(sender, **kwargs):
        calls.append(1)

    request = sign(build_event(pk=ticket.pk))
    zendesk.fail_next(status=403)
    assert receiving.handle(request.body, request.headers).status == 503
    assert calls == []
    assert receiving.handle(request.body, request.headers).status == 200
    assert calls == [1]


# -- triggers ------------------------------------------------------------------


def test_payloads_of_triggers_name_a_ticket(ticket, zendesk):
    """The key of the ticket is `ticket_id`, another one, or the result of a function."""
    seen = []

    @receiver(remote_changed, sender=Ticket)
    def record(sender, instance, changes, **kwargs):
        seen.append((instance.pk, changes))

    pk = ticket.pk
    for options, payload, media in (
        ({}, {"ticket_id": pk}, "json"),
        ({}, {"ticket_id": f" {pk}"}, "json; charset=utf-8"),
        ({}, f"ticket_id={pk}&a=%C3%BC".encode(), "x-www-form-urlencoded"),
        ({"ticket_key": "ticket.id"}, {"ticket": {"id": str(pk)}}, "json"),
        (
            {"ticket_key": lambda text: text.partition("<id>")[2].partition("<")[0]},
            f"<a><id>{pk}</id></a>".encode(),
            "xml",
        ),
    ):
        assert deliver(WebhookReceiver(SECRET, **options), payload, media=media) == 200
        assert seen.pop() == (pk, {})


def test_other_payloads_are_kept(zendesk, receiving, payloads, count_requests, caplog):
    """Payloads about no row, of any form, reach `webhook_received`, and are no failures."""
    bodies = (
        ([1, 2], "json", [1, 2]),
        (b"a=1&a=2&b=", "x-www-form-urlencoded", {"a": ["1", "2"], "b": ""}),
        ("<a>\u00fc</a>".encode(), "xml", "<a>\u00fc</a>"),
        (b"{'a': Ruby}", "json", None),
        (b"[" * 100_000, "json", None),
        (b"\xff", "json", None),
        (None, "json", None),
        ({"ticket_id": "#5"}, "json", {"ticket_id": "#5"}),
        ({"ticket_id": True}, "json", {"ticket_id": True}),
        ({"type": 5}, "json", {"type": 5}),
        ({"type": "zen:event-type:ticket.created"}, "json", ...),
        (build_event("agent.state_changed", 7), "json", ...),
        (build_event("messaging_live_metrics.conversations_in_queue", 7), "json", ...),
        ({**build_event(), "subject": "zen:ticket:x", "detail": None, "event": []}, "json", ...),
    )
    with count_requests(receiving.account, 0):
        statuses = [deliver(receiving, body, media=media) for body, media, _ in bodies]

    assert statuses == [200] * len(bodies)
    expected = [body if value is ... else value for body, _, value in bodies]
    assert payloads == expected
    assert "simple values" in caplog.text


def test_unknown_events_are_announced(ticket, receiving, payloads, caplog):
    """An event that is not known yet is logged, and announced as a change without values."""
    seen = []

    @receiver(remote_changed, sender=Ticket)
    def record(sender, instance, changes, **kwargs):
        seen.append((instance.pk, changes))

    event = build_event("ticket.mood_changed", ticket.pk)
    assert deliver(receiving, event) == 200
    assert (seen, payloads) == ([(ticket.pk, {})], [event])
    assert "ticket.mood_changed" in caplog.text


def test_names_with_a_slash_are_known(user, receiving):
    """Zendesk documents two names with a slash instead of a colon."""
    seen = []

    @receiver(remote_changed, sender=User)
    def record(sender, instance, change, **kwargs):
        seen.append(instance.pk)

    event = {**build_event("user.identity_changed", user.pk), "type": "zen:event-type/user.x"}
    event["type"] = "zen:event-type/user.identity_changed"
    assert deliver(receiving, event) == 200
    assert seen == [user.pk]


# -- cached rows ---------------------------------------------------------------


def test_cached_rows_are_outdated(zendesk, user, receiving, count_requests):
    """An event makes the cached row outdated, also without receivers; others stay cached."""
    other = User.objects.create(name="Ann", email="ann@example.com")
    for pk in (user.pk, other.pk):
        User.objects.get(pk)
    change_name(zendesk, user, "Kay")
    with count_requests(receiving.account, 0):
        assert User.objects.get(user.pk).name == "Kim"

    deliver(receiving, build_event("user.name_changed", user.pk, {}))

    with count_requests(receiving.account, 1):
        assert User.objects.get(user.pk).name == "Kay"
    with count_requests(receiving.account, 0):
        assert User.objects.get(other.pk).name == "Ann"


def test_loaded_rows_are_cached(zendesk, user, receiving, count_requests):
    """The row that was loaded for a receiver is cached; a receiver reads it without a request."""
    names = []

    @receiver(remote_changed, sender=User)
    def record(sender, instance, **kwargs):
        names.append((instance.name, User.objects.get(instance.pk) is instance))

    change_name(zendesk, user, "Kay")
    with count_requests(receiving.account, 1):
        deliver(receiving, build_event("user.name_changed", user.pk, {}))
        assert User.objects.get(user.pk).name == "Kay"
    assert names == [("Kay", True)]


def test_late_events_replace_no_newer_row(zendesk, user, receiving, count_requests):
    """An event that arrives late announces the newest row, and outdates no newer cached row."""
    names = []

    @receiver(remote_changed, sender=User)
    def record(sender, instance, **kwargs):
        names.append(instance.name)

    def event(second):
        time = f"2026-09-21T14:13:{second:02}Z"
        event = {"current": "x", "previous": "y"}
        return build_event("user.name_changed", user.pk, event, {"updated_at": time}, time=time)

    change_name(zendesk, user, "Kay")
    deliver(receiving, event(20))
    with count_requests(receiving.account, 0):
        deliver(receiving, event(10))
        assert User.objects.get(user.pk).name == "Kay"
    change_name(zendesk, user, "Kit")
    deliver(receiving, event(30))
    User.objects.get(user.pk)
    deliver(receiving, event(10))

    assert names == ["Kay", "Kay", "Kit", "Kit"]
    assert User.objects.get(user.pk).name == "Kit"


def test_a_row_that_was_written_since_is_loaded_again(zendesk, user, receiving, count_requests):
    """A receiver that saves the object does not get the earlier row with the next event."""
    seen = []

    @receiver(remote_changed, sender=User)
    def record(sender, instance, **kwargs):
        seen.append(instance.notes)
        if len(seen) == 1:
            instance.notes = "seen"
            instance.save()

    def send(second):
        time = f"2026-09-21T14:13:{second:02}Z"
        event = build_event("user.name_changed", user.pk, {}, {"updated_at": time}, time=time)
        assert deliver(receiving, event) == 200

    change_name(zendesk, user, "Kay")
    send(20)
    send(10)

    assert seen[1:] == ["seen"]


def test_deleted_users_are_not_cached(zendesk, user, receiving, count_requests):
    """After the deletion of a user, the cached row is not used."""
    User.objects.get(user.pk)
    deliver(receiving, build_event("user.deleted", user.pk, {}))

    with count_requests(receiving.account, 1):
        User.objects.get(user.pk)


# -- repetitions ---------------------------------------------------------------


def test_a_running_delivery_is_not_repeated(ticket, receiving):
    """Of many threads that deliver one invocation, one runs; the others are told to wait."""
    started, may_end, calls = threading.Event(), threading.Event(), []

    @receiver(remote_created, sender=Ticket)
    def record(sender, **kwargs):
        calls.append(1)
        started.set()
        may_end.wait(10)

    request, statuses = sign(build_event("ticket.created", ticket.pk, {})), []

    def run():
        statuses.append(receiving.handle(request.body, request.headers).status)

    first = threading.Thread(target=run)
    first.start()
    assert started.wait(10)
    others = [threading.Thread(target=run) for _ in range(5)]
    for thread in others:
        thread.start()
    for thread in others:
        thread.join()
    assert statuses == [409] * 5
    may_end.set()
    first.join()
    run()

    assert (statuses[5:], calls) == ([200, 200], [1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork()")
def test_a_forked_process_receives(ticket, receiving, payloads):
    """A process that is forked while a delivery is handled can receive others."""
    inside, may_end = threading.Event(), threading.Event()

    @receiver(remote_changed, sender=Ticket)
    def block(sender, instance, **kwargs):
        inside.set()
        may_end.wait(10)

    thread = threading.Thread(target=deliver, args=(receiving, build_event(pk=ticket.pk)))
    thread.start()
    assert inside.wait(10)
    child = os.fork()
    if child == 0:
        may_end.set()
        done = deliver(receiving, {"child": True}) == 200
        os._exit(0 if done and payloads[-1] == {"child": True} else 1)
    _, status = os.waitpid(child, 0)
    may_end.set()
    thread.join()

    assert os.waitstatus_to_exitcode(status) == 0


def test_work_in_the_background(ticket, zendesk):
    """With `submit`, the response is sent at once, and the receivers run once, at any time."""
    calls, jobs, clock = [], [], VirtualClock(NOW)

    @receiver(remote_changed, sender=Ticket)
    def record(sender, **kwargs):
        calls.append(1)

    store = MemoryInvocations(clock=clock)
    receiving = WebhookReceiver(SECRET, submit=jobs.append, invocations=store)
    request = sign(build_event(pk=ticket.pk))
    statuses = []
    for _ in range(2):
        statuses.append(receiving.handle(request.body, request.headers).status)
        clock.sleep(300)
    assert (statuses, calls, len(jobs)) == ([202, 409], [], 1)
    jobs[0]()
    assert receiving.handle(request.body, request.headers).status == 200
    assert calls == [1]


def test_a_full_queue_is_a_failure(zendesk, payloads):
    """If the work cannot be queued, Zendesk repeats the request."""
    full = [True]

    def submit(work):
        if full.pop():
            raise RuntimeError("full")

    receiving = WebhookReceiver(SECRET, submit=submit)
    request = sign({"a": 1})
    assert receiving.handle(request.body, request.headers).status == 503
    full.append(False)
    assert receiving.handle(request.body, request.headers).status == 202


class BrokenStore(MemoryInvocations):
    """A store whose server cannot be reached.

    Attributes:
        broken: the methods that fail.
    """

    def __init__(self, *broken):
        super().__init__()
        self.broken = broken

    def claim(self, keys, seconds):
        """Claim keys, or fail."""
        self._check("claim")
        return super().claim(keys, seconds)

    def finish(self, keys, seconds):
        """Remember keys, or fail."""
        self._check("finish")
        super().finish(keys, seconds)

    def _check(self, name):
        if name in self.broken:
            raise ConnectionError("no server")


def test_a_broken_store_runs_nothing(zendesk, payloads, caplog):
    """Without the store, a repeated request could not be recognized, and nothing runs."""
    broken = WebhookReceiver(SECRET, invocations=BrokenStore("claim"))
    assert deliver(broken, {"a": 1}) == 503
    assert payloads == []
    assert deliver(WebhookReceiver(SECRET, invocations=BrokenStore("finish")), {"a": 1}) == 200
    assert payloads == [{"a": 1}]
    assert "no server" in caplog.text


# -- accounts ------------------------------------------------------------------


def test_accounts_by_alias(zendesk, payloads):
    """The account is named by its alias, also before it is connected."""
    senders = []

    @receiver(webhook_received, sender="emea")
    def record(sender, **kwargs):
        senders.append(sender)

    receiving = WebhookReceiver(SECRET, "emea")
    assert deliver(receiving, {"a": 1}) == 503
    zendesk.connect("emea")
    assert deliver(receiving, {"a": 1}) == 200
    assert deliver(WebhookReceiver(SECRET, connections["emea"]), {"a": 2}) == 200
    assert senders == ["emea", "emea"]


def test_parsed_bodies_raise(receiving):
    """A parsed body, or headers of a wrong type, are mistakes of the caller."""
    for body, headers in (({"a": 1}, {}), (None, {}), (5, {}), (b"{}", None), (b"{}", 5)):
        with pytest.raises(InvalidValue):
            receiving.handle(body, headers)


def test_a_wrong_store_of_invocations_is_rejected_at_once():
    """A store without the methods of one does not fail only when a request is received."""
    request = sign({"a": 1})
    for store in (5, object(), {}, MemoryInvocations):
        with pytest.raises(ConfigurationError, match="claim"):
            WebhookReceiver(SECRET, invocations=store)
        with pytest.raises(ConfigurationError, match="claim"):
            verify(request.body, request.headers, SECRET, invocations=store)


def test_logs_have_no_bodies(zendesk, receiving, caplog):
    """Log lines contain ids and types, and no bodies, signatures or secrets."""
    request = sign({"password": "hunter2"})
    with caplog.at_level(logging.DEBUG, "zendesk_orm.sync"):
        receiving.handle(request.body, request.headers)
        receiving.handle(request.body, request.with_headers(signature="forged").headers)
    assert request.headers["X-Zendesk-Webhook-Invocation-Id"] in caplog.text
    assert "rejected" in caplog.text
    assert [
        text
        for text in ("hunter2", SECRET, compute_signature(request.body), "forged")
        if text in caplog.text + repr(receiving)
    ] == []
