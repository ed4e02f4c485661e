"""OpenTelemetry spans and metrics, recorded by its SDK."""

from __future__ import annotations

import threading

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from zendesk_orm import (
    ConfigurationError,
    ConnectionLost,
    NotFound,
    RetryPolicy,
    Ticket,
    User,
    connections,
    request_started,
)
from zendesk_orm.contrib import otel
from zendesk_orm.contrib.url_templates import UrlTemplates


@pytest.fixture
def reader():
    """Return a reader of metrics."""
    return InMemoryMetricReader()


@pytest.fixture
def provider():
    """Return a provider of tracers."""
    return TracerProvider()


@pytest.fixture
def spans(provider, reader):
    """Instrument the library, and return a function that returns the ended spans."""
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    otel.instrument(provider, MeterProvider([reader]))
    yield exporter.get_finished_spans
    otel.uninstrument()


def _read_metrics(reader):
    """Return the data points of each metric by its name."""
    data = reader.get_metrics_data()
    if data is None:
        return {}
    return {
        metric.name: list(metric.data.data_points)
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }


def test_a_request_is_a_client_span(demo_emulator, spans):
    """The span of a request has the attributes of the HTTP conventions, without the URL's query."""
    User.objects.count()

    request, _ = spans()
    base_url = connections["default"].transport.base_url
    assert request.kind is SpanKind.CLIENT
    assert request.name == "GET /api/v2/users/count"
    assert request.status.status_code is StatusCode.UNSET
    assert dict(request.attributes) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "server.address": base_url.partition("://")[2],
        "server.port": 443,
        "url.full": f"{base_url}/api/v2/users/count",
        "url.template": "/api/v2/users/count",
        "zendesk_orm.account": "default",
    }


def test_the_requests_of_a_query_are_its_children(demo_emulator, spans):
    """Spans of requests are children of the query's span, also in other threads."""
    rows = list(Ticket.objects.fresh()[:250])

    *requests, query = spans()
    assert query.name == "query Ticket"
    assert query.attributes["zendesk_orm.plan.requests"] == len(requests) == 3
    assert query.attributes["zendesk_orm.rows"] == len(rows)
    assert {request.parent.span_id for request in requests} == {query.context.span_id}


def test_counts_have_their_planned_requests(demo_emulator, spans):
    """The span of a count has one planned request, or one per page if no endpoint counts."""
    User.objects.count()
    Ticket.objects.fresh().exists()
    User.objects.filter(id__in=range(1, 150)).count()

    planned = {
        span.name + str(number): span.attributes["zendesk_orm.plan.requests"]
        for number, span in enumerate(span for span in spans() if span.kind is SpanKind.INTERNAL)
    }
    assert planned == {"count User0": 1, "query Ticket1": 1, "count User2": 2}


def test_code_between_two_pages_is_not_part_of_the_query(demo_emulator, spans, provider):
    """A span of a loop body is a child of the span around the loop."""
    tracer = provider.get_tracer("test")
    with tracer.start_as_current_span("loop"):
        for _ in Ticket.objects.fresh()[:2]:
            tracer.start_span("body").end()

    by_name = {span.name: span for span in spans()}
    loop = by_name["loop"].context.span_id
    assert (by_name["body"].parent.span_id, by_name["query Ticket"].parent.span_id) == (loop, loop)


def test_each_attempt_is_a_span(emulator, spans):
    """Each retry is a span with `http.request.resend_count`; its wait is an event of the query."""
    emulator.fail_next(429, times=2, headers={"Retry-After": "30"})

    list(Ticket.objects.fresh())

    *requests, query = spans()
    counts = [request.attributes.get("http.request.resend_count") for request in requests]
    errors = [request.attributes.get("error.type") for request in requests]
    assert (counts, errors) == ([None, 1, 2], ["429", "429", None])
    waits = [dict(event.attributes) for event in query.events]
    assert [wait["zendesk_orm.delay"] for wait in waits] == [30.0, 30.0]
    assert [wait["zendesk_orm.attempt"] for wait in waits] == [1, 2]


def test_a_failure_is_an_error(emulator, spans):
    """`error.type` of a span is the status, or the exception class if there is no response."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(404)
    with pytest.raises(NotFound):
        Ticket.objects.fresh().count()
    emulator.fail_next(None)
    with pytest.raises(ConnectionLost):
        Ticket.objects.fresh().count()

    requests = [span for span in spans() if span.kind is SpanKind.CLIENT]
    assert [span.attributes["error.type"] for span in requests] == ["404", "ConnectionLost"]
    assert {span.status.status_code for span in spans()} == {StatusCode.ERROR}


def test_a_request_that_a_receiver_stops_leaves_no_wrong_span(emulator, spans):
    """After a receiver has stopped a request, the next request has a correct span."""

    @request_started.connect
    def raise_error(sender, **kwargs):
        raise PermissionError

    with pytest.raises(PermissionError):
        Ticket.objects.fresh().count()
    request_started.disconnect(raise_error)
    Ticket.objects.fresh().count()

    statuses = [span.attributes.get("http.response.status_code") for span in spans()]
    assert statuses.count(200) == 1


def test_threads_have_separate_spans(demo_emulator, spans):
    """A request is a child of the query of its thread."""
    threads = [
        threading.Thread(target=lambda: list(Ticket.objects.fresh()[:150])) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    queries = {span.context.span_id: 0 for span in spans() if span.name == "query Ticket"}
    for span in spans():
        if span.kind is SpanKind.CLIENT:
            queries[span.parent.span_id] += 1
    assert list(queries.values()) == [2, 2, 2, 2]


def test_duration_and_rate_limit_are_metrics(demo_emulator, spans, reader):
    """The duration of requests and Zendesk's rate limit are recorded as metrics."""
    User.objects.count()
    User.objects.count()

    points = _read_metrics(reader)
    (duration,) = points["http.client.request.duration"]
    window = connections["default"].quota.get()
    (remaining,) = points["zendesk_orm.rate_limit.remaining"]
    (limit,) = points["zendesk_orm.rate_limit.limit"]
    assert (duration.count, duration.attributes["http.response.status_code"]) == (2, 200)
    assert (remaining.value, limit.value) == (window.remaining, window.total)
    assert dict(remaining.attributes) == {"zendesk_orm.account": "default"}


def test_uninstrument_stops_recording(demo_emulator, spans, reader):
    """After `uninstrument()`, nothing is recorded; a second call does nothing."""
    otel.uninstrument()
    otel.uninstrument()

    User.objects.count()

    assert (spans(), _read_metrics(reader)) == ((), {})


def test_a_second_instrument_call_raises(spans):
    """A second call of `instrument()` raises, because requests would have two spans."""
    with pytest.raises(ConfigurationError, match="uninstrument"):
        otel.instrument()


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/api/v2/tickets/5", "/api/v2/tickets/{id}"),
        ("/api/v2/tickets/5.json", "/api/v2/tickets/{id}"),
        ("/api/v2/tickets/show_many", "/api/v2/tickets/show_many"),
        ("/api/v2/organizations/5/tickets", "/api/v2/organizations/{organization}/tickets"),
        ("/api/v2/no/such/path/at/all", None),
    ],
)
def test_templates_are_those_of_the_declarations(path, template):
    """URL templates are those of declared endpoints; other paths have no template."""
    assert UrlTemplates().find(path) == template
