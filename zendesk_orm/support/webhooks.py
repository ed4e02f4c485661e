"""Webhooks: requests that Zendesk makes when something happens.

Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.secret import Secret
from zendesk_orm.http.values import plain
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.schema.row import Hollow


State = Literal["active", "inactive"]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Format = Literal["json", "xml", "form_encoded"]

#: What of a webhook's authentication may be seen.
_OPEN = frozenset({"type", "add_position", "username", "name"})


class WebhookManager(Manager["Webhook"]):
    """`Webhook.objects`."""

    def test(
        self,
        *,
        endpoint: str,
        http_method: Method = "POST",
        request_format: Format = "json",
        **request: Any,
    ) -> WebhookResponse:
        """Let Zendesk make one request, as a webhook would that does not exist yet.

        Args:
            endpoint: where to.
            http_method: how.
            request_format: in what form the payload is.
            request: what else is in the request: `payload`, `authentication`, `custom_headers`.

        Returns:
            What the other side answered, whatever that is.

        Raises:
            ApiError, TransportError: Zendesk did not make it.

        Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/#test-webhook
        """
        told = {"endpoint": endpoint, "http_method": http_method, "request_format": request_format}
        data = self._call("test", {"request": _request({**told, **request})})
        return WebhookResponse.from_row(data["response"] if data else {})


class Webhook(Model):
    """A request that Zendesk makes when something happens.

    It is subscribed to events, or connected to triggers and automations by
    `subscriptions=["conditional_ticket_events"]`, and stays what it is. What it
    authenticates itself with can be set and never read again::

        Webhook.objects.create(
            name="Orders", status="active", endpoint="https://example.com/hook",
            http_method="POST", request_format="json",
            subscriptions=["zen:event-type:user.created"],
            authentication={
                "type": "bearer_token", "data": {"token": token}, "add_position": "header"
            },
        )
    """

    objects = WebhookManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    name: Field[str]
    description: Field[str | None]
    status: Field[State]
    endpoint: Field[str]
    http_method: Field[Method]
    request_format: Field[Format]
    subscriptions: Field[list[str]]
    authentication: Field[dict[str, Any] | None]
    custom_headers: Field[dict[str, Any] | None]
    external_source: Field[dict[str, Any] | None]
    created_at: ReadOnly[datetime]
    created_by: ReadOnly[str]
    updated_at: ReadOnly[datetime | None]
    updated_by: ReadOnly[str | None]

    invocations: Many[WebhookInvocation]

    name_contains: Lookup[str]

    class Meta:
        required = ("name", "status", "endpoint", "http_method", "request_format")
        api = (
            resource("webhooks", can="show create update delete", update="PATCH")
            + listed(
                "webhooks",
                takes={"name_contains": "filter[name_contains]"},
                orders="name status",
                natural=None,
                paging=(CURSOR,),
            )
            + action("clone", "POST", "webhooks", "webhook")
            + action("test", "POST", "webhooks/test", "response")
            + action("signing_secret", "GET", "webhooks/{id}/signing_secret", "signing_secret")
            + action(
                "reset_signing_secret", "POST", "webhooks/{id}/signing_secret", "signing_secret"
            )
        )

    if not TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None:
            """Assign a field; no message shows what a webhook authenticates itself with."""
            if name == "authentication" and value is not None:
                if not isinstance(value, Mapping):
                    raise InvalidValue(
                        "authentication wants a dictionary with type, data and add_position"
                    )
                value = _hidden(value)
            super().__setattr__(name, value)

    def _saved(self, data: dict[str, Any]) -> None:
        """Let the row hold no secret: Zendesk answers a change with nothing, and tells none."""
        if not data:
            self.absorb(Hollow(_shown(self._row)))

    def clone(self) -> Webhook:
        """Make another webhook that is like this one, but for `(copy)` behind its name.

        Returns:
            The other one.

        Raises:
            InvalidValue: it was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/#create-or-clone-webhook
        """
        data = self._call("clone", clone_webhook_id=self.pk)
        return self._session().take_in(Webhook, [data["webhook"]])[0] if data else Webhook()

    def test(self, **request: Any) -> WebhookResponse:
        """Let Zendesk make one request, as the webhook would.

        Args:
            request: what shall be otherwise in this request: `payload`, `endpoint`.

        Returns:
            What the other side answered, whatever that is.

        Raises:
            InvalidValue: it was never saved; `Webhook.objects.test()` wants no webhook.
            ApiError, TransportError: Zendesk did not make it.

        Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/#test-webhook
        """
        data = self._call("test", {"request": _request(request)}, webhook_id=self.pk)
        return WebhookResponse.from_row(data["response"] if data else {})

    def signing_secret(self) -> SigningSecret:
        """Return the secret with which the webhook signs its requests.

        Raises:
            InvalidValue: it was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/#show-webhook-signing-secret
        """
        return SigningSecret.from_row(self._call("signing_secret")["signing_secret"])

    def reset_signing_secret(self) -> SigningSecret:
        """Give the webhook another secret; requests are signed with it from now on.

        Returns:
            The new secret.

        Raises:
            InvalidValue: it was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/#reset-webhook-signing-secret
        """
        data = self._call("reset_signing_secret")
        return SigningSecret.from_row(data["signing_secret"] if data else {})


class SigningSecret(Model):
    """What a webhook signs its requests with; it is shown by nothing but `secret`."""

    algorithm: ReadOnly[str]
    secret: ReadOnly[str]


class WebhookResponse(Model):
    """What the other side answered to a request that a webhook made for a test."""

    status_code: ReadOnly[int]
    headers: ReadOnly[list[dict[str, str]]]
    payload: ReadOnly[str]


class WebhookInvocation(Model):
    """One time that a webhook was called, of those of the last seven days.

    ::

        webhook.invocations.filter(status="failed", from_ts=yesterday)
    """

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    webhook: ReadOnlyRef[Webhook]
    webhook_id: Id[str]
    status: ReadOnly[str]
    status_code: ReadOnly[int | None]
    latest_completed_at: ReadOnly[datetime | None]

    from_ts: Lookup[datetime]
    to_ts: Lookup[datetime]

    class Meta:
        parent = "webhook"
        # Recorded: an invocation that is repeated is listed again, with the same id.
        unique_ids = False
        api = listed(
            "webhooks/{webhook}/invocations",
            takes={
                "status": "filter[status]",
                "from_ts": "filter[from_ts]",
                "to_ts": "filter[to_ts]",
            },
            natural=None,
            paging=(CURSOR,),
        ) + action("attempts", "GET", "webhooks/{webhook}/invocations/{id}/attempts", "attempts")

    def attempts(self) -> list[InvocationAttempt]:
        """Return the requests that were made for it, the repeated ones included.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/#list-webhook-invocation-attempts
        """
        # Recorded: all have the id of the webhook, so that they are no rows to be known by it.
        rows = self._call("attempts")["attempts"]
        return [InvocationAttempt.from_row(row) for row in rows]


class InvocationAttempt(Model):
    """One request of a webhook, and its answer; `invocation.attempts()` gives them.

    Its id is none by which it could be told from others: that of the webhook.
    """

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    invocation_id: ReadOnly[str]
    status: ReadOnly[str]
    status_code: ReadOnly[int | None]
    request: ReadOnly[dict[str, Any]]
    response: ReadOnly[dict[str, Any] | None]
    completed_at: ReadOnly[datetime | None]


def _shown(value: Any) -> Any:
    """Return the same without what is hidden, as Zendesk gives it back."""
    if not isinstance(value, Mapping):
        return value
    shown = {key: _shown(each) for key, each in value.items() if not isinstance(each, Secret)}
    return {key: each for key, each in shown.items() if each or not isinstance(each, dict)}


def _hidden(value: Any) -> Any:
    """Return an authentication of which nothing shows the secrets."""
    if isinstance(value, Mapping):
        return {key: each if key in _OPEN else _hidden(each) for key, each in value.items()}
    return Secret(plain(value)) if isinstance(value, str) else value


def _request(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request for a test, of which nothing shows the secrets."""
    return {key: _hidden(each) if key == "authentication" else each for key, each in given.items()}
