"""Webhooks: requests that Zendesk sends when events occur.

Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.actions import action
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import CRUD, listing, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Unpack
from zendesk_orm.http.values import to_json
from zendesk_orm.model import Model, StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.relations import Many
from zendesk_orm.schema.accounts import require_many
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.schema.secret_fields import (
    ReadOnlySecret,
    SecretField,
    hide_texts,
    public_keys,
)
from zendesk_orm.session.action_bodies import objects_of, record_of
from zendesk_orm.support.webhooks.event_names import complete_subscriptions


if TYPE_CHECKING:
    from zendesk_orm.session.session import Session
    from zendesk_orm.write.save import SaveOptions

State = Literal["active", "inactive"]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Format = Literal["json", "xml", "form_encoded"]

#: Keys of a webhook's authentication whose values may be displayed.
_PUBLIC = ("type", "add_position", "username", "name")


class WebhookManager(Manager["Webhook"]):
    """The manager `Webhook.objects`."""

    def subscribe(self, endpoint: str, events: Iterable[str], **values: Any) -> Webhook:
        """Create an active webhook that sends events to a URL.

        ::

            webhook = Webhook.objects.subscribe(
                "https://example.com/zendesk", ["ticket.created", "ticket.status_changed"]
            )
            secret = webhook.signing_secret().secret

        Args:
            endpoint: the URL.
            events: their names, or one of them, with or without `zen:event-type:`.
            values: other fields: `name`, which is the URL by default, `authentication`.

        Raises:
            InvalidValue: there is no event, or one does not exist; the message suggests another.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/#create-or-clone-webhook
        """
        settings = {
            "name": endpoint,
            "status": "active",
            "http_method": "POST",
            "request_format": "json",
            **values,
        }
        names = [events] if isinstance(events, str) else list(require_many(events, "events"))
        if not names:
            raise InvalidValue("subscribe() needs the names of events, such as 'ticket.created'")
        return self.create(endpoint=endpoint, subscriptions=names, **settings)

    @check_arguments
    def test(
        self,
        *,
        endpoint: str,
        http_method: Method = "POST",
        request_format: Format = "json",
        **request: Any,
    ) -> WebhookResponse:
        """Send one test request from Zendesk, without creating a webhook.

        Args:
            endpoint: the URL to call.
            http_method: the HTTP method.
            request_format: the format of the payload.
            request: other parts of the request: `payload`, `authentication`, `custom_headers`.

        Returns:
            The response of the endpoint, whatever its status.

        Raises:
            ApiError, TransportError: Zendesk did not send the request.

        Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/#test-webhook
        """
        target = {
            "endpoint": endpoint,
            "http_method": http_method,
            "request_format": request_format,
        }
        body = {"request": _hide_secrets({**target, **request})}
        return self._call("test", body, then=_response, in_dry_run=WebhookResponse())


class Webhook(StringIdModel):
    """A request that Zendesk sends when an event occurs.

    A webhook is subscribed to events, or used by triggers and automations with
    `subscriptions=["conditional_ticket_events"]`; it cannot switch between the two. The
    credentials in `authentication` are write-only::

        Webhook.objects.create(
            name="Orders", status="active", endpoint="https://example.com/hook",
            http_method="POST", request_format="json",
            subscriptions=["user.created"],
            authentication={
                "type": "bearer_token", "data": {"token": token}, "add_position": "header"
            },
        )
    """

    objects = WebhookManager.as_manager()

    name: Field[str]
    description: Field[str | None]
    status: Field[State]
    endpoint: Field[str]
    http_method: Field[Method]
    request_format: Field[Format]
    subscriptions: Field[list[str]]
    authentication: SecretField[dict[str, Any] | None] = public_keys(*_PUBLIC)
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
        api = resource("webhooks", can=CRUD, update_method="PATCH") + listing(
            "webhooks",
            filters={"name_contains": "filter[name_contains]"},
            orders=("name", "status"),
            default_order=None,
            paging=(CURSOR,),
        )

    def _save(self, session: Session, **options: Unpack[SaveOptions]) -> None:
        if "subscriptions" in self.changes():
            self.subscriptions = complete_subscriptions(self.subscriptions or ())
        super()._save(session, **options)

    @action("POST", "webhooks", key="webhook")
    def clone(self) -> Webhook:
        """Create a copy of the webhook, with `(copy)` appended to its name.

        Returns:
            The copy.

        Raises:
            InvalidValue: the webhook was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/#create-or-clone-webhook
        """
        session = self._session()
        return self._call(
            "clone",
            clone_webhook_id=self.pk,
            then=lambda data: session.materialize(Webhook, [data["webhook"]])[0],
            in_dry_run=Webhook(),
        )

    @action("POST", "webhooks/test", key="response")
    def test(self, payload: Any = None, **request: Any) -> WebhookResponse:
        """Send one test request from Zendesk with the webhook's settings.

        Args:
            payload: the body: text, or a value that is sent as JSON.
            request: settings to override in this request, such as `endpoint`.

        Returns:
            The response of the endpoint, whatever its status.

        Raises:
            InvalidValue: the payload cannot be written as JSON, or the webhook was never saved;
                `Webhook.objects.test()` needs none.
            ApiError, TransportError: Zendesk did not send the request.

        Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/#test-webhook
        """
        if payload is not None:
            request["payload"] = (
                payload if isinstance(payload, str) else json.dumps(to_json(payload))
            )
        body = {"request": _hide_secrets(request)}
        return self._call(
            "test", body, webhook_id=self.pk, then=_response, in_dry_run=WebhookResponse()
        )

    @action("GET", "webhooks/{id}/signing_secret", key="signing_secret")
    def signing_secret(self) -> SigningSecret:
        """Return the secret with which the webhook signs its requests.

        Raises:
            InvalidValue: the webhook was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/#show-webhook-signing-secret
        """
        return _signing_secret(self._call("signing_secret"))

    @action("POST", "webhooks/{id}/signing_secret", key="signing_secret")
    def reset_signing_secret(self) -> SigningSecret:
        """Replace the signing secret of the webhook; later requests are signed with the new one.

        Returns:
            The new secret.

        Raises:
            InvalidValue: the webhook was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/#reset-webhook-signing-secret
        """
        return self._call(
            "reset_signing_secret",
            then=_signing_secret,
            in_dry_run=SigningSecret(),
        )

    def rotate_secret(self) -> tuple[SigningSecret, SigningSecret]:
        """Replace the signing secret of the webhook, and return the new and the old one.

        Deliveries that are under way are signed with the old one: pass both to `webhook_app()`
        or `verify()` for some minutes. It sends two requests.

        Raises:
            InvalidValue: the webhook was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/#reset-webhook-signing-secret
        """
        old = self.signing_secret()
        return self.reset_signing_secret(), old


def _response(data: Any) -> WebhookResponse:
    """Return the response of a tested endpoint as an object."""
    return record_of(WebhookResponse, data, "response")


def _signing_secret(data: Any) -> SigningSecret:
    """Return the secret in the body of a response as an object."""
    return record_of(SigningSecret, data, "signing_secret")


class SigningSecret(Model):
    """The secret with which a webhook signs its requests; only `secret` displays it."""

    algorithm: ReadOnly[str]
    secret: ReadOnlySecret[str]


class WebhookResponse(Model):
    """The response of an endpoint to the test request of a webhook."""

    status_code: ReadOnly[int]
    headers: ReadOnly[list[dict[str, str]]]
    payload: ReadOnly[str]


class WebhookInvocation(StringIdModel):
    """One invocation of a webhook within the last seven days.

    ::

        webhook.invocations.filter(status="failed", from_ts=yesterday)
    """

    webhook: ReadOnlyRef[Webhook]
    webhook_id: Id[str]
    status: ReadOnly[str]
    status_code: ReadOnly[int | None]
    latest_completed_at: ReadOnly[datetime | None]

    from_ts: Lookup[datetime]
    to_ts: Lookup[datetime]

    class Meta:
        parent = "webhook"
        # Recorded: a retried invocation is listed again, with the same id.
        unique_ids = False
        api = listing(
            "webhooks/{webhook}/invocations",
            filters={
                "status": "filter[status]",
                "from_ts": "filter[from_ts]",
                "to_ts": "filter[to_ts]",
            },
            default_order=None,
            paging=(CURSOR,),
        )

    @action("GET", "webhooks/{webhook}/invocations/{id}/attempts", key="attempts")
    def attempts(self) -> list[InvocationAttempt]:
        """Return the requests that were sent for the invocation, including retries.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/#list-webhook-invocation-attempts
        """
        # Recorded: all attempts have the webhook's id, so the identity map must not hold them.
        rows = objects_of(self._call("attempts"), "attempts")
        return [record_of(InvocationAttempt, row) for row in rows]


class InvocationAttempt(StringIdModel):
    """One request of a webhook with its response, returned by `invocation.attempts()`.

    `id` is not unique: it is the id of the webhook.
    """

    invocation_id: ReadOnly[str]
    status: ReadOnly[str]
    status_code: ReadOnly[int | None]
    request: ReadOnly[dict[str, Any]]
    response: ReadOnly[dict[str, Any] | None]
    completed_at: ReadOnly[datetime | None]


def _hide_secrets(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return a test request whose secrets do not appear in logs or representations."""
    return {
        key: hide_texts(value, _PUBLIC) if key == "authentication" else value
        for key, value in request.items()
    }
