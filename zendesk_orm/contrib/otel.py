"""OpenTelemetry: spans of requests and queries, and metrics of requests and rate limits.

::

    from zendesk_orm.contrib import otel

    otel.instrument()

Install `zendesk_orm[otel]`. Without an SDK, which the program configures, nothing is recorded.
Attributes contain no queries of addresses, no bodies and no values of filters.

Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from zendesk_orm import signals
from zendesk_orm.account import connections
from zendesk_orm.contrib.url_templates import UrlTemplates
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.extras import require_extra
from zendesk_orm.http.request import Request
from zendesk_orm.session.evaluation import CURRENT_EVALUATION, Evaluation


with require_extra("otel"):
    from opentelemetry import context, metrics, trace
    from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation
    from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider


_NAME = "zendesk_orm"
_PORTS = {"https": 443, "http": 80}
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)


class _Instrumentation:
    """Receivers of the signals, which record spans and metrics."""

    def __init__(self, tracers: TracerProvider | None, meters: MeterProvider | None) -> None:
        self._tracer = trace.get_tracer(_NAME, tracer_provider=tracers)
        meter = metrics.get_meter(_NAME, meter_provider=meters)
        self._templates = UrlTemplates()
        # A request is sent by one thread; several threads may send equal requests.
        self._requests: dict[tuple[int, int], Span] = {}
        self._queries: dict[int, Span] = {}
        self._is_active = True
        self._duration = meter.create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_BUCKETS,
        )
        meter.create_observable_gauge(
            "zendesk_orm.rate_limit.remaining",
            [self._observe_remaining],
            unit="{request}",
            description="Requests left in the rate limit of the account, as last reported.",
        )
        meter.create_observable_gauge(
            "zendesk_orm.rate_limit.limit",
            [self._observe_limit],
            unit="{request}",
            description="Requests that the rate limit of the account allows in a minute.",
        )
        self._receivers: tuple[tuple[Any, Any], ...] = (
            (signals.query_started, self._start_query),
            (signals.query_finished, self._finish_query),
            (signals.request_started, self._start_request),
            (signals.request_finished, self._finish_request),
            (signals.retrying, self._add_wait),
        )

    def connect(self) -> None:
        """Connect all receivers."""
        for signal, receiver in self._receivers:
            signal.connect(receiver, weak=False)

    def disconnect(self) -> None:
        """Disconnect all receivers, and end the spans that are open."""
        self._is_active = False
        for signal, receiver in self._receivers:
            signal.disconnect(receiver)
        for span in (*self._requests.values(), *self._queries.values()):
            span.end()

    def _start_query(self, sender: Any, evaluation: Evaluation, using: str, **_: Any) -> None:
        model, plan = sender.__name__, evaluation.plan
        attributes: dict[str, Any] = {
            "zendesk_orm.account": _account(using),
            "zendesk_orm.model": model,
        }
        if plan is not None:
            attributes["zendesk_orm.plan.endpoint"] = plan.title
            attributes["zendesk_orm.plan.requests"] = evaluation.requests
        self._queries[id(evaluation)] = self._tracer.start_span(
            f"{evaluation.action} {model}",
            self._parent(evaluation.outer),
            SpanKind.INTERNAL,
            attributes,
        )

    def _finish_query(self, sender: Any, evaluation: Evaluation, **_: Any) -> None:
        span = self._queries.pop(id(evaluation), None)
        if span is None:
            return
        if evaluation.action == "query":
            span.set_attribute("zendesk_orm.rows", evaluation.rows)
        if evaluation.reason is not None:
            _fail(span, type(evaluation.reason).__qualname__)
        span.end()

    def _start_request(self, sender: str, request: Request, base_url: str, **_: Any) -> None:
        attributes = _request_attributes(request, base_url)
        path = request.visible_path
        template = self._templates.find(path) if path.startswith("/") else None
        name = request.method if template is None else f"{request.method} {template}"
        attributes["url.full"] = _address(request, base_url)
        attributes["zendesk_orm.account"] = _account(sender)
        if template is not None:
            attributes["url.template"] = template
        if request.attempt > 1:
            attributes["http.request.resend_count"] = request.attempt - 1
        stale = self._requests.pop(_key(request), None)
        if stale is not None:
            # Another receiver stopped the request of this span.
            stale.end()
        parent = self._parent(CURRENT_EVALUATION.get())
        span = self._tracer.start_span(name, parent, SpanKind.CLIENT, attributes)
        self._requests[_key(request)] = span

    def _finish_request(
        self,
        sender: str,
        request: Request,
        base_url: str,
        status: int,
        seconds: float,
        reason: BaseException | None,
        **_: Any,
    ) -> None:
        attributes = _request_attributes(request, base_url)
        error = str(status) if status >= 400 else type(reason).__qualname__ if reason else ""
        if error:
            attributes["error.type"] = error
        if status:
            attributes["http.response.status_code"] = status
        self._duration.record(seconds, attributes)
        span = self._requests.pop(_key(request), None)
        if span is None:
            return
        if status:
            span.set_attribute("http.response.status_code", status)
        if error:
            _fail(span, error)
        span.end()

    def _add_wait(
        self, sender: str, delay: float, reason: BaseException, attempt: int, **_: Any
    ) -> None:
        """Add an event for a wait to the span of the query, or to the current one."""
        attributes: dict[str, Any] = {
            "zendesk_orm.delay": delay,
            "zendesk_orm.attempt": attempt,
            "error.type": type(reason).__qualname__,
        }
        span = trace.get_current_span(self._parent(CURRENT_EVALUATION.get()))
        span.add_event("zendesk_orm.wait", attributes)

    def _parent(self, evaluation: Evaluation | None) -> context.Context:
        """Return the context of the innermost query that has a span, or the current one."""
        while evaluation is not None:
            span = self._queries.get(id(evaluation))
            if span is not None:
                return trace.set_span_in_context(span)
            evaluation = evaluation.outer
        return context.get_current()

    def _observe_remaining(self, _: CallbackOptions) -> Iterable[Observation]:
        return self._observe_quota("remaining")

    def _observe_limit(self, _: CallbackOptions) -> Iterable[Observation]:
        return self._observe_quota("total")

    def _observe_quota(self, name: str) -> Iterable[Observation]:
        for alias in list(connections) if self._is_active else ():
            window = connections[alias].quota.get()
            if window is not None:
                yield Observation(getattr(window, name), {"zendesk_orm.account": alias})


def _key(request: Request) -> tuple[int, int]:
    return threading.get_ident(), id(request)


def _account(alias: str) -> str:
    """Return the alias of an account without the user whom it acts as."""
    return alias.partition(" as ")[0]


def _address(request: Request, base_url: str) -> str:
    """Return the address of a request without its query and without secrets."""
    path = request.visible_path
    return f"{base_url}{path}" if path.startswith("/") else path


def _request_attributes(request: Request, base_url: str) -> dict[str, Any]:
    """Return the attributes that spans and metrics of a request share."""
    parts = urlsplit(_address(request, base_url))
    return {
        "http.request.method": request.method,
        "server.address": parts.hostname or "",
        "server.port": parts.port or _PORTS.get(parts.scheme, 0),
    }


def _fail(span: Span, error: str) -> None:
    span.set_attribute("error.type", error)
    span.set_status(Status(StatusCode.ERROR))


class _State:
    """The instrumentation of this process, or None."""

    current: _Instrumentation | None = None


def instrument(
    tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
) -> None:
    """Record spans and metrics of all accounts of this process from now on.

    Each attempt of a request is a span of kind CLIENT. Requests of a query are children of its
    span, which has the planned requests. Other requests are children of the current span.

    Args:
        tracer_provider: the global one by default.
        meter_provider: the global one by default.

    Raises:
        ConfigurationError: it was called before, without `uninstrument()`.
    """
    if _State.current is not None:
        raise ConfigurationError("instrument() was called before; call uninstrument() first")
    _State.current = _Instrumentation(tracer_provider, meter_provider)
    _State.current.connect()


def uninstrument() -> None:
    """Record nothing any more; without `instrument()` before, nothing happens."""
    if _State.current is not None:
        _State.current.disconnect()
        _State.current = None
