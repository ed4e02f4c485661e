"""Webhooks: events, bodies, signatures, repeated requests, and records of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
import requests

from tests.emulator.conftest import NOW, Client
from tests.emulator.test_triggers import add_trigger, update
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.server.adapter import EmulatorAdapter
from zendesk_orm.emulator.webhooks.courier import MAX_BODY
from zendesk_orm.http.clock import VirtualClock


HOOK = "https://hooks.example.com/zendesk"
RULES = ["conditional_ticket_events"]


def add_webhook(zendesk, *subscriptions, **values):
    """Create a webhook and return it."""
    webhook = {
        "name": "Hook",
        "status": "active",
        "endpoint": HOOK,
        "http_method": "POST",
        "request_format": "json",
        "subscriptions": [f"zen:event-type:{name}" for name in subscriptions] or RULES,
        **values,
    }
    return zendesk.create("webhooks", **webhook)


@pytest.fixture
def received(zendesk):
    """Return the requests that webhooks have sent to `HOOK`."""
    requests_: list[requests.PreparedRequest] = []
    zendesk.emulator.receive(HOOK, requests_.append)
    return requests_


def get_bodies(zendesk, received):
    """Return the decoded bodies of the requests so far, and forget them."""
    zendesk.emulator.wait_for_webhooks()
    bodies = [json.loads(request.body) for request in received]
    received.clear()
    return bodies


def get_invocations(zendesk, webhook):
    """Return the invocations of a webhook."""
    zendesk.emulator.wait_for_webhooks()
    return zendesk.get(f"webhooks/{webhook['id']}/invocations")["invocations"]


def test_tickets_have_events(zendesk, received):
    """Subscribed webhooks receive one event for each changed attribute of a ticket."""
    add_webhook(zendesk, "ticket.created", "ticket.status_changed", "ticket.tags_changed")

    ticket = zendesk.create_ticket(subject="Fire")
    (created,) = get_bodies(zendesk, received)
    update(zendesk, ticket["id"], status="open", tags=["a"], priority="high")
    status, tags = get_bodies(zendesk, received)

    assert created["type"] == "zen:event-type:ticket.created"
    assert created["subject"] == f"zen:ticket:{ticket['id']}"
    assert created["zendesk_event_version"] == "2022-11-06"
    assert created["detail"]["id"] == str(ticket["id"])
    assert (created["detail"]["status"], created["detail"]["subject"]) == ("NEW", "Fire")
    assert (status["event"]["current"], status["event"]["previous"]) == ("OPEN", "NEW")
    assert (tags["event"]["tags_added"], tags["event"]["tags_removed"]) == (["a"], [])
    sequences = [body["event"]["meta"]["sequence"] for body in (status, tags)]
    assert sequences[0]["id"] == sequences[1]["id"]
    assert sequences[0]["position"] < sequences[1]["position"]


def test_merged_tickets_and_spam_have_events(zendesk, received):
    """Merging, marking as spam and deleting what people belong to have events of their own."""
    names = ("ticket.merged", "ticket.marked_as_spam", "organization.deleted")
    add_webhook(zendesk, *names)
    source, target = (zendesk.create_ticket()["id"] for _ in range(2))
    eve = zendesk.create("users", name="Eve", email="eve@example.com")["id"]
    organization = zendesk.create("organizations", name="Acme")["id"]
    membership = {"user_id": eve, "organization_id": organization}
    zendesk.send("POST", "organization_memberships", {"organization_membership": membership})

    zendesk.run_job("POST", f"tickets/{target}/merge", {"ids": [source]})
    zendesk.send("PUT", f"tickets/{target}/mark_as_spam")
    zendesk.send("DELETE", f"users/{eve}")
    zendesk.send("DELETE", f"organizations/{organization}")

    bodies = get_bodies(zendesk, received)
    assert [body["type"] for body in bodies] == [f"zen:event-type:{name}" for name in names]
    subjects = (f"ticket:{source}", f"ticket:{target}", f"organization:{organization}")
    assert [body["subject"] for body in bodies] == [f"zen:{subject}" for subject in subjects]
    assert bodies[0]["event"]["target_ticket_id"] == str(target)


def test_comments_have_events(zendesk, received):
    """Comments have events when they are added, made private or redacted."""
    names = ("comment_added", "comment_made_private", "comment_redacted")
    add_webhook(zendesk, *(f"ticket.{name}" for name in names))
    pk = zendesk.create_ticket()["id"]
    assert get_bodies(zendesk, received) == []

    update(zendesk, pk, comment={"body": "my secret"})
    comment = zendesk.get(f"tickets/{pk}/comments")["comments"][-1]["id"]
    zendesk.send("PUT", f"tickets/{pk}/comments/{comment}/redact", {"text": "secret"})
    zendesk.send("PUT", f"tickets/{pk}/comments/{comment}/make_private")

    bodies = get_bodies(zendesk, received)
    assert [body["type"].partition(".")[2] for body in bodies] == [
        "comment_added",
        "comment_redacted",
        "comment_made_private",
    ]
    assert bodies[0]["event"]["comment"]["body"] == "my secret"
    assert bodies[0]["event"]["comment"]["author"]["is_staff"] is True
    assert bodies[-1]["event"]["comment"]["is_public"] is False


def test_other_rows_have_events(zendesk, received):
    """Users, organizations, memberships and articles have events, also for deletions."""
    names = [
        "user.created",
        "user.name_changed",
        "user.identity_created",
        "user.organization_membership_created",
        "user.deleted",
        "organization.created",
        "organization.tags_changed",
        "organization.deleted",
        "ticket.soft_deleted",
        "ticket.undeleted",
    ]
    add_webhook(zendesk, *names)
    organization = zendesk.create("organizations", name="Acme")
    user = zendesk.create("users", name="Kim", email="kim@example.com")
    zendesk.send("PUT", f"users/{user['id']}", {"user": {"name": "Kay"}})
    identity = {"identity": {"type": "email", "value": "kay@example.com"}}
    zendesk.send("POST", f"users/{user['id']}/identities", identity)
    membership = {"user_id": user["id"], "organization_id": organization["id"]}
    zendesk.create("organization_memberships", **membership)
    zendesk.send("PUT", f"organizations/{organization['id']}", {"organization": {"tags": ["vip"]}})
    zendesk.send("DELETE", f"organizations/{organization['id']}")
    zendesk.send("DELETE", f"users/{user['id']}")
    ticket = zendesk.create_ticket()["id"]
    zendesk.send("DELETE", f"tickets/{ticket}")
    zendesk.send("PUT", f"deleted_tickets/{ticket}/restore")

    types = {body["type"].removeprefix("zen:event-type:") for body in get_bodies(zendesk, received)}
    assert types == set(names)


def test_failed_requests_have_no_events(zendesk, received):
    """A request that fails sends nothing, although it has changed rows before."""
    add_webhook(zendesk, "user.created", "ticket.created")
    ticket = {"subject": "x", "requester": {"name": "Kim", "email": "kim@example.com"}}

    response = zendesk.send("POST", "tickets", {"ticket": {**ticket, "priority": "odd"}})

    assert response.status_code == 422
    assert get_bodies(zendesk, received) == []


def test_triggers_invoke_webhooks(zendesk, received):
    """A trigger sends a body with placeholders, escaped for JSON."""
    webhook = add_webhook(zendesk)
    template = '{"id": {{ticket.id}}, "title": "{{ticket.title}}", "status": "{{ticket.status}}"}'
    conditions = [("update_type", "is", "Create")]
    add_trigger(zendesk, conditions, [("notification_webhook", [webhook["id"], template])])

    pk = zendesk.create_ticket(subject='A "fire"\n')["id"]

    assert get_bodies(zendesk, received) == [{"id": pk, "title": 'A "fire"\n', "status": "New"}]


def test_forms_and_xml_are_not_escaped_for_json(zendesk, received):
    """Placeholders in the text of a form or of XML have the value of the ticket."""
    for kind in ("xml", "form_encoded"):
        webhook = add_webhook(zendesk, request_format=kind)
        action = ("notification_webhook", [webhook["id"], "<t>{{ticket.title}}</t>"])
        add_trigger(zendesk, [("update_type", "is", "Create")], [action])

    zendesk.create_ticket(subject='A "fire"')
    zendesk.emulator.wait_for_webhooks()

    assert [request.body for request in received] == [b'<t>A "fire"</t>'] * 2


def test_placeholders_are_dates_or_ignored(zendesk, received):
    """Dates have their form, and unknown placeholders are empty and count as ignored."""
    webhook = add_webhook(zendesk)
    dates = "{{ticket.created_at}} {{ticket.created_at_with_timestamp}} {{ticket.due_date}}"
    body = json.dumps({"dates": dates, "unknown": "{{ticket.nope}}"})
    conditions = [("update_type", "is", "Create")]
    add_trigger(zendesk, conditions, [("notification_webhook", [webhook["id"], body])])

    zendesk.create_ticket(subject='"Fire"')

    (sent,) = get_bodies(zendesk, received)
    assert sent["dates"] == "September 21, 2026 2026-09-21T14:13:20Z "
    assert sent["unknown"] == ""
    assert {part.name for part in zendesk.emulator.ignored} == {"{{ticket.nope}}"}


def test_requests_without_a_body_have_parameters(zendesk, received):
    """The pairs of an action become parameters of a GET request, or a form."""
    pairs = [["id", "{{ticket.id}}"], ["q", "a b"]]
    for method, kind in (("GET", "json"), ("PUT", "form_encoded")):
        webhook = add_webhook(zendesk, http_method=method, request_format=kind)
        conditions = [("update_type", "is", "Create")]
        add_trigger(zendesk, conditions, [("notification_webhook", [webhook["id"], pairs])])

    pk = zendesk.create_ticket()["id"]
    zendesk.emulator.wait_for_webhooks()

    get, put = received
    assert (get.method, get.url, get.body) == ("GET", f"{HOOK}?id={pk}&q=a+b", None)
    assert (put.method, put.url, put.body) == ("PUT", HOOK, f"id={pk}&q=a+b".encode())


def test_requests_are_signed_and_authenticated(zendesk, received):
    """A request has the signature of its timestamp and body, and the webhook's credentials."""
    webhook = add_webhook(
        zendesk,
        "ticket.created",
        authentication={"type": "bearer_token", "data": {"token": "t0k"}, "add_position": "header"},
        custom_headers={"X-Team": "blue"},
    )
    secret = zendesk.get(f"webhooks/{webhook['id']}/signing_secret")["signing_secret"]["secret"]

    zendesk.create_ticket()
    zendesk.emulator.wait_for_webhooks()

    (request,) = received
    timestamp = request.headers["X-Zendesk-Webhook-Signature-Timestamp"]
    digest = hmac.new(secret.encode(), timestamp.encode() + request.body, hashlib.sha256).digest()
    assert request.headers["X-Zendesk-Webhook-Signature"] == base64.b64encode(digest).decode()
    assert timestamp == "2026-09-21T14:13:20Z"
    assert request.headers["Authorization"] == "Bearer t0k"
    assert request.headers["X-Team"] == "blue"
    assert request.headers["X-Zendesk-Webhook-Id"] == webhook["id"]
    assert "t0k" not in json.dumps(webhook)


def test_invocations_are_recorded(zendesk, received):
    """Each invocation of the last week is listed, with its attempt."""
    webhook = add_webhook(zendesk, "ticket.created")
    zendesk.create_ticket()

    (invocation,) = get_invocations(zendesk, webhook)
    path = f"webhooks/{webhook['id']}/invocations/{invocation['id']}/attempts"
    (attempt,) = zendesk.get(path)["attempts"]

    (request,) = received
    assert request.headers["X-Zendesk-Webhook-Invocation-Id"] == invocation["id"]
    assert (invocation["status"], invocation["status_code"]) == ("success", 200)
    assert (attempt["status"], attempt["request"]["payload"].encode()) == ("success", request.body)
    zendesk.emulator.advance(days=8)
    zendesk.create_ticket()
    (later,) = get_invocations(zendesk, webhook)
    assert later["id"] > invocation["id"]


@pytest.mark.parametrize(
    ("reply", "attempts"),
    [
        (409, 4),
        ((503, {"RETRY-AFTER": "30"}), 4),
        ((429, {"Retry-After": "90"}), 1),
        ((503, {"Retry-After": "\xb2"}), 1),
        (503, 1),
        (500, 1),
        (404, 1),
        (TimeoutError, 6),
        (RuntimeError, 1),
    ],
)
def test_failures_are_repeated(zendesk, reply, attempts):
    """Conflicts, timeouts and short delays are repeated; other failures are not.

    A clock that advances at once does not leave out attempts, nor change their times.
    """
    invocations = set()

    def receive(request):
        invocations.add(request.headers["X-Zendesk-Webhook-Invocation-Id"])
        if isinstance(reply, type):
            raise reply
        return reply

    zendesk.emulator.receive(HOOK, receive)
    webhook = add_webhook(zendesk, "ticket.created")
    zendesk.create_ticket()
    zendesk.emulator.advance(hours=1)

    (invocation,) = get_invocations(zendesk, webhook)
    path = f"webhooks/{webhook['id']}/invocations/{invocation['id']}/attempts"
    times = [attempt["completed_at"] for attempt in zendesk.get(path)["attempts"]]
    assert (len(set(times)), len(times), len(invocations)) == (attempts, attempts, 1)
    assert max(times) < "2026-09-21T14:15:30Z"
    assert invocation["status"] == "failed"


def test_requests_are_not_repeated_for_inactive_webhooks(zendesk):
    """A request is not repeated after its webhook was deactivated or deleted."""
    received = []

    def receive(request):
        received.append(request)
        return 409

    zendesk.emulator.receive(HOOK, receive)
    states = []
    for method, body in (("PATCH", {"webhook": {"status": "inactive"}}), ("DELETE", None)):
        webhook = add_webhook(zendesk, "ticket.created")
        zendesk.create_ticket()
        (invocation,) = get_invocations(zendesk, webhook)
        states.append((len(received), invocation["status"]))
        zendesk.send(method, f"webhooks/{webhook['id']}", body)
        zendesk.emulator.advance(hours=1)
        states.append(len(received))
    assert states == [(1, "retrying"), 1, (2, "retrying"), 2]


def test_webhooks_are_invoked_by_events_or_by_rules(zendesk, received):
    """Events are sent by POST as JSON; a rule cannot invoke their webhooks, nor can they switch."""
    webhook = add_webhook(
        zendesk, "ticket.created", http_method="GET", request_format="form_encoded"
    )
    path, rules = f"webhooks/{webhook['id']}", ["conditional_ticket_events"]
    zendesk.create(
        "triggers",
        title="t",
        all=[{"field": "update_type", "operator": "is", "value": "Create"}],
        actions=[{"field": "notification_webhook", "value": [webhook["id"], "{}"]}],
    )

    zendesk.create_ticket()

    zendesk.emulator.wait_for_webhooks()
    (request,) = received
    assert (request.method, json.loads(request.body)["type"]) == (
        "POST",
        "zen:event-type:ticket.created",
    )
    assert f"action notification_webhook {webhook['id']}" in zendesk.emulator.ignored.describe()
    for changes in ({"subscriptions": rules}, {"endpoint": "example"}):
        assert zendesk.send("PATCH", path, {"webhook": changes}).status_code == 422
    mixed = {**webhook, "subscriptions": [*rules, *webhook["subscriptions"]]}
    assert zendesk.send("POST", "webhooks", {"webhook": mixed}).status_code == 422


def test_receivers_may_use_the_emulator(zendesk):
    """A receiver can send requests to the emulator, whose events are sent, too."""
    add_webhook(zendesk, "ticket.created", "ticket.priority_changed")
    other = Client(zendesk.emulator)
    types = []

    def receive(request):
        body = json.loads(request.body)
        types.append(body["type"])
        if body["type"].endswith("created"):
            update(other, body["detail"]["id"], priority="high")

    zendesk.emulator.receive(HOOK, receive)
    pk = zendesk.create_ticket()["id"]
    zendesk.emulator.wait_for_webhooks()

    assert types == ["zen:event-type:ticket.created", "zen:event-type:ticket.priority_changed"]
    assert zendesk.get(f"tickets/{pk}")["ticket"]["priority"] == "high"


def test_requests_do_not_wait_for_receivers(zendesk):
    """A receiver that takes long does not delay the responses of the emulator."""
    may_end = Event()
    zendesk.emulator.receive(HOOK, lambda _: may_end.wait(5) and None)
    add_webhook(zendesk, "ticket.created")

    pk = zendesk.create_ticket()["id"]
    assert zendesk.get(f"tickets/{pk}")["ticket"]["id"] == pk

    may_end.set()
    zendesk.emulator.wait_for_webhooks()


def test_a_wsgi_application_can_receive(zendesk):
    """Requests can be sent to a WSGI application, such as that of Django."""
    bodies = []

    def application(environ, start_response):
        bodies.append(environ["wsgi.input"].read())
        start_response("202 Accepted", [])
        return [b"ok"]

    zendesk.emulator.webhook_session.mount("https://hooks.", EmulatorAdapter(application))
    webhook = add_webhook(zendesk, "ticket.created")
    zendesk.create_ticket()

    (invocation,) = get_invocations(zendesk, webhook)
    assert (invocation["status_code"], len(bodies)) == (202, 1)


def test_other_hosts_receive_nothing(zendesk):
    """Webhooks send no request to hosts that are not listed, and count as successful."""
    webhook = add_webhook(zendesk, "ticket.created", endpoint="https://example.invalid/")
    zendesk.create_ticket()

    assert [invocation["status"] for invocation in get_invocations(zendesk, webhook)] == ["success"]


def test_inactive_webhooks_send_nothing(zendesk, received):
    """An inactive webhook is not invoked by events and triggers."""
    add_webhook(zendesk, "ticket.created", status="inactive")
    webhook = add_webhook(zendesk, status="inactive")
    actions = [("notification_webhook", [webhook["id"], "{}"])]
    add_trigger(zendesk, [("update_type", "is", "Create")], actions)

    zendesk.create_ticket()

    assert get_bodies(zendesk, received) == []


class _Handler(BaseHTTPRequestHandler):
    """Appends the bodies of requests to a list of the server."""

    def do_POST(self):
        """Accept a body."""
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(201)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args):
        """Log nothing."""


@pytest.fixture
def server():
    """Return a local HTTP server that records the bodies of requests."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.bodies = []
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


@pytest.mark.lenient
def test_endless_responses_do_not_stop_the_emulator():
    """Of a response that does not end, the beginning is recorded; a slow one times out."""

    def serve(server, piece, pause):
        connection, _ = server.accept()
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while not pause.wait(0.01):
                connection.sendall(piece)

    for piece, status, size in ((b"x" * 100_000, 200, MAX_BODY), (b"x", 504, 0)):
        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            Emulator(clock=VirtualClock(NOW), webhook_timeout=0.2) as emulator,
        ):
            stop = Event()
            Thread(target=serve, args=(server, piece, stop), daemon=True).start()
            zendesk = Client(emulator)
            url = f"http://127.0.0.1:{server.getsockname()[1]}/"
            webhook = add_webhook(zendesk, "ticket.created", endpoint=url)
            zendesk.create_ticket()

            (invocation,) = get_invocations(zendesk, webhook)
            path = f"webhooks/{webhook['id']}/invocations/{invocation['id']}/attempts"
            (attempt,) = zendesk.get(path)["attempts"]
            assert attempt["status_code"] == status
            assert len(attempt["response"]["payload"]) == size
            stop.set()


@pytest.mark.lenient
@pytest.mark.parametrize("behind_socket", [False, True])
def test_requests_are_sent_to_servers(server, behind_socket):
    """Webhooks send requests to local servers, also from an emulator behind a socket."""
    with Emulator(clock=VirtualClock(NOW)) as emulator:
        zendesk = Client(emulator)
        if behind_socket:
            socket = emulator.serve(port=0)
            zendesk.session = requests.Session()
            zendesk.session.auth = ("owner@example.com/token", "x")
            send = zendesk.send
            zendesk.send = lambda method, path, *args, **kwargs: send(
                method, f"{socket.url}/api/v2/{path}", *args, **kwargs
            )
        url = f"http://127.0.0.1:{server.server_port}/hook"
        webhook = add_webhook(zendesk, "ticket.created", endpoint=url)
        zendesk.create_ticket()

        (invocation,) = get_invocations(zendesk, webhook)
        assert (invocation["status_code"], len(server.bodies)) == (201, 1)
        if behind_socket:
            socket.stop()


def test_pairs_are_sent_as_a_form(zendesk, received):
    """The payload of a test is text, a list of names with values, or any JSON."""
    request = {"endpoint": HOOK, "http_method": "POST", "request_format": "form_encoded"}
    for payload in ([["a", "1 2"], ["b", "ü"]], [1, {"a": []}]):
        zendesk.send("POST", "webhooks/test", {"request": {**request, "payload": payload}})

    assert [request.body for request in received] == [b"a=1+2&b=%C3%BC", b'[1,{"a":[]}]']


def test_a_test_is_sent(zendesk, received):
    """The test endpoint sends a request, and returns the response of the receiver."""
    zendesk.emulator.receive(f"{HOOK}/test", lambda _: 418)
    webhook = add_webhook(zendesk)
    request = {"request": {"payload": '{"a": 1}'}}

    path = f"webhooks/test?webhook_id={webhook['id']}"
    sent, bare = zendesk.send("POST", path, request), zendesk.send("POST", path, {})
    endpoint = {"request": {"endpoint": f"{HOOK}/test", "http_method": "POST", "payload": "{}"}}
    other = zendesk.send("POST", "webhooks/test", endpoint)

    assert [row.json()["response"]["status_code"] for row in (sent, bare)] == [200, 200]
    assert [request.body for request in received] == [b'{"a": 1}', b"{}"]
    assert other.json()["response"]["status_code"] == 418


def _create_failing(zendesk, statuses):
    """Create a webhook for new tickets whose requests get a status, and return them."""
    requests_ = []

    def receive(request):
        requests_.append(request)
        return statuses[0]

    zendesk.emulator.receive("https://hooks.example.com/", receive)
    webhook = {
        "name": "Tickets",
        "status": "active",
        "endpoint": "https://hooks.example.com/",
        "http_method": "POST",
        "request_format": "json",
        "subscriptions": ["zen:event-type:ticket.created"],
    }
    assert zendesk.send("POST", "webhooks", {"webhook": webhook}).status_code == 201
    return requests_


def test_a_webhook_pauses_after_many_errors(zendesk):
    """After 70 % errors, requests wait for some seconds, and none is lost."""
    statuses = [500]
    sent = _create_failing(zendesk, statuses)
    for _ in range(10):
        zendesk.create_ticket()
        zendesk.emulator.wait_for_webhooks()
    assert len(sent) == 10

    statuses[0] = 200
    zendesk.create_ticket()
    zendesk.emulator.wait_for_webhooks()
    assert len(sent) == 10
    zendesk.emulator.advance(seconds=5)
    zendesk.emulator.wait_for_webhooks()
    assert len(sent) == 11
    zendesk.create_ticket()
    zendesk.emulator.wait_for_webhooks()
    assert len(sent) == 12


def test_requests_that_wait_are_not_sent_for_inactive_webhooks(zendesk):
    """A request that waits for the end of a pause is dropped if its webhook is deactivated."""
    sent = _create_failing(zendesk, [500])
    for _ in range(11):
        zendesk.create_ticket()
        zendesk.emulator.wait_for_webhooks()
    (webhook,) = zendesk.get("webhooks")["webhooks"]
    change = {"webhook": {"status": "inactive"}}
    zendesk.send("PATCH", f"webhooks/{webhook['id']}", change)
    zendesk.emulator.advance(seconds=60)
    zendesk.emulator.wait_for_webhooks()

    assert len(sent) == 10


def test_trial_accounts_have_limits(zendesk):
    """A trial account has at most 10 webhooks, and sends 60 requests a minute."""
    zendesk.emulator.switches.trial = True
    sent = _create_failing(zendesk, [200])
    for _ in range(61):
        zendesk.create_ticket()
    zendesk.emulator.wait_for_webhooks()
    assert len(sent) == 60
    zendesk.emulator.advance(seconds=60)
    zendesk.emulator.wait_for_webhooks()
    assert len(sent) == 61

    body = {
        "name": "Other",
        "status": "active",
        "endpoint": "https://hooks.example.com/",
        "http_method": "POST",
        "request_format": "json",
    }
    statuses = [zendesk.send("POST", "webhooks", {"webhook": body}).status_code for _ in range(10)]
    assert statuses == [201] * 9 + [422]
