"""Requests that are forged, altered or repeated: none has an effect."""

from __future__ import annotations

import base64
import random
from datetime import datetime, timedelta, timezone

from attrs import evolve

from tests.webhooks.signing import NOW, SECRET, TIMESTAMP, build_event, compute_signature, sign
from zendesk_orm import Comment, Ticket, receiver, remote_changed


#: Requests of each kind.
NUMBER = 60
RANDOM = random.Random(17)


def shift(seconds):
    """Return the text of another time."""
    moment = datetime.fromtimestamp(NOW + seconds, timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def flip_body(request):
    """Change one bit of the body."""
    body, place = bytearray(request.body), RANDOM.randrange(len(request.body))
    body[place] ^= 1 << RANDOM.randrange(8)
    return evolve(request, body=bytes(body))


def flip_signature(request):
    """Change one bit of the signature."""
    raw = bytearray(base64.b64decode(request.headers["X-Zendesk-Webhook-Signature"]))
    raw[RANDOM.randrange(len(raw))] ^= 1 << RANDOM.randrange(8)
    return request.with_headers(signature=base64.b64encode(raw).decode())


def truncate_body(request):
    """Drop the end of the body."""
    return evolve(request, body=request.body[: RANDOM.randrange(len(request.body))])


def extend_body(request):
    """Add bytes to the body."""
    return evolve(request, body=request.body + RANDOM.choice([b" ", b"\n", b"\0", b"{}", b"&a=1"]))


def move_bytes(request):
    """Move bytes between the timestamp and the body, whose concatenation stays the same."""
    text = TIMESTAMP.encode() + request.body
    place = RANDOM.choice([number for number in range(1, 60) if number != len(TIMESTAMP)])
    changed = request.with_headers(signature_timestamp=text[:place].decode("latin-1"))
    return evolve(changed, body=text[place:])


def use_other_secret(request):
    """Sign with another secret."""
    secret = RANDOM.choice([SECRET[:-1], SECRET.lower(), f"{SECRET}=", "", "x", SECRET[::-1]])
    return request.with_headers(signature=compute_signature(request.body, secret=secret))


def sign_in_other_order(request):
    """Sign the body before the timestamp, or the body alone."""
    message = RANDOM.choice([request.body + TIMESTAMP.encode(), request.body])
    return request.with_headers(signature=compute_signature(message, timestamp=""))


def swap_timestamp(request):
    """Replace the timestamp by another valid one."""
    return request.with_headers(signature_timestamp=shift(RANDOM.choice([-299, -1, 1, 299])))


def sign_long_ago(request):
    """Use a genuine signature of another time, in the past or the future."""
    seconds = RANDOM.choice([-86_400, -3_600, -301, 301, 3_600])
    timestamp = shift(seconds)
    signature = compute_signature(request.body, timestamp)
    return request.with_headers(signature=signature, signature_timestamp=timestamp)


def sign_unclear_time(request):
    """Use a genuine signature of a timestamp without a zone, or in another format."""
    local = datetime.fromtimestamp(NOW, timezone.utc)
    timestamp = RANDOM.choice(
        [TIMESTAMP[:-1], str(int(NOW)), local.strftime("%d %b %Y %H:%M:%S GMT"), TIMESTAMP.lower()]
    )
    signature = compute_signature(request.body, timestamp)
    return request.with_headers(signature=signature, signature_timestamp=timestamp)


def drop_header(request):
    """Leave out a header."""
    name = RANDOM.choice(["signature", "signature_timestamp", "invocation_id"])
    return request.with_headers(**{name: RANDOM.choice([None, ""])})


def repeat_header(request):
    """Send a header twice, the genuine value first or last."""
    name = f"X-Zendesk-Webhook-{RANDOM.choice(['Signature', 'Signature-Timestamp'])}"
    values = [request.headers[name], compute_signature(b"forged")]
    RANDOM.shuffle(values)
    return evolve(request, headers={**request.headers, name: values})


def distort_signature(request):
    """Write the signature in another form."""
    text = request.headers["X-Zendesk-Webhook-Signature"]
    forms = [
        text.rstrip("="),
        text.lower(),
        f" {text}",
        f"{text}\n",
        f"sha256={text}",
        base64.b64decode(text).hex(),
        text[:10],
        "=" * 44,
        "ä" * 44,
        "\x00" * 44,
        text * 200,
        text.replace("=", "\uff1d"),
    ]
    return request.with_headers(signature=RANDOM.choice(forms))


FORGERIES = (
    flip_body,
    flip_signature,
    truncate_body,
    extend_body,
    move_bytes,
    use_other_secret,
    sign_in_other_order,
    swap_timestamp,
    sign_long_ago,
    sign_unclear_time,
    drop_header,
    repeat_header,
    distort_signature,
)


def repeat(request):
    """Send the same request again."""
    return request


def repeat_as_another_invocation(request):
    """Send the same request with another id of the invocation, which is not signed."""
    return request.with_headers(invocation_id=f"01{RANDOM.randrange(10**20):020}")


def repeat_with_new_time(request):
    """Send a new signature of the same invocation, as Zendesk does to repeat a request."""
    timestamp = (datetime.fromtimestamp(NOW, timezone.utc) + timedelta(seconds=5)).isoformat()
    signature = compute_signature(request.body, timestamp)
    return request.with_headers(signature=signature, signature_timestamp=timestamp)


REPETITIONS = (repeat, repeat_as_another_invocation, repeat_with_new_time)


def test_no_forged_request_is_accepted(receiving, payloads, count_requests):
    """Of nearly a thousand forged or altered requests none is accepted, and no receiver runs."""
    account, statuses = receiving.account, []
    with count_requests(account, 0):
        for number in range(NUMBER):
            for forge in FORGERIES:
                forged = forge(sign(build_event(pk=number + 1)))
                statuses.append(receiving.handle(forged.body, forged.headers).status)

    assert len(statuses) == NUMBER * len(FORGERIES)
    assert (set(statuses), payloads) == ({401}, [])


def test_no_repeated_request_runs_receivers(receiving, payloads):
    """Requests that were handled are answered with 200, and no receiver runs again."""
    calls = []

    @receiver(remote_changed, sender=Ticket)
    def record(sender, instance, **kwargs):
        calls.append(instance.pk)

    statuses = []
    pk = Ticket.objects.create(subject="x", comment=Comment(body="x")).pk
    for _ in range(NUMBER):
        request = sign(build_event(pk=pk))
        assert receiving.handle(request.body, request.headers).status == 200
        copies = [change(request) for change in (RANDOM.choice(REPETITIONS), *REPETITIONS)]
        statuses += [receiving.handle(copy.body, copy.headers).status for copy in copies]

    assert statuses == [200] * NUMBER * 4
    assert (calls, len(payloads)) == ([pk] * NUMBER, NUMBER)
