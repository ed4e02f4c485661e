"""`messaging_webhook_app()`: receives the requests of webhooks of Sunshine Conversations.

Source: https://developer.zendesk.com/api-reference/conversations/#tag/Webhooks
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zendesk_orm.account import Account
from zendesk_orm.http.secret import conceal_arguments
from zendesk_orm.sync.changes import RemoteChange
from zendesk_orm.sync.webhooks.invocations import InvocationStore
from zendesk_orm.sync.webhooks.messaging_events import read_messaging_changes
from zendesk_orm.sync.webhooks.receiving import MAX_BODY_BYTES, Submit, WebhookReceiver
from zendesk_orm.sync.webhooks.shared_secrets import SharedSecretVerifier
from zendesk_orm.sync.webhooks.verification import Secret, Verifier, WebhookDelivery
from zendesk_orm.sync.webhooks.webhook_app import WebhookApp


class MessagingWebhookReceiver(WebhookReceiver):
    """Receives webhooks of Sunshine Conversations, in any framework.

    Args:
        secret, account, and the others: see `messaging_webhook_app()`.
    """

    @conceal_arguments
    def __init__(
        self,
        secret: Secret | Iterable[Secret],
        account: Account | str | None = None,
        *,
        invocations: InvocationStore | None = None,
        submit: Submit | None = None,
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        super().__init__(
            secret,
            account,
            invocations=invocations,
            submit=submit,
            max_body_bytes=max_body_bytes,
        )

    def _create_verifier(
        self, secret: Secret | Iterable[Secret], tolerance: float, *, allow_test_secret: bool
    ) -> Verifier:
        """Return a verifier that compares the secret itself."""
        return SharedSecretVerifier(secret)

    def _read_changes(
        self, account: Account, delivery: WebhookDelivery, payload: Any
    ) -> Iterable[RemoteChange]:
        """Return the changes that the events of a payload announce."""
        return read_messaging_changes(payload, delivery, account.transport.messaging.app_id)


class MessagingWebhookApp(MessagingWebhookReceiver, WebhookApp):
    """A WSGI and ASGI application that receives these webhooks; see `messaging_webhook_app()`."""


def messaging_webhook_app(
    secret: Secret | Iterable[Secret],
    account: Account | str | None = None,
    *,
    invocations: InvocationStore | None = None,
    submit: Submit | None = None,
    max_body_bytes: int = MAX_BODY_BYTES,
) -> WebhookApp:
    """Return an application that receives webhooks of Sunshine Conversations.

    ::

        app = messaging_webhook_app(os.environ["MESSAGING_WEBHOOK_SECRET"])

    It compares the secret in each request, makes cached rows outdated, and sends
    `webhook_received`, and `remote_created`, `remote_changed` or `remote_deleted` for each event
    that is about a row: `remote_created` of `Message` for a message. Messages that the account has
    sent itself are not announced.

    Args:
        secret: `webhook.secret`; a list while it is replaced, or for several webhooks.
        account: the account, or its alias; the default account otherwise.
        invocations, submit, max_body_bytes: see `webhook_app()`.

    Raises:
        ConfigurationError: the secret is missing, or another argument is invalid.

    Source: https://developer.zendesk.com/api-reference/conversations/#tag/Webhooks
    """
    return MessagingWebhookApp(
        secret, account, invocations=invocations, submit=submit, max_body_bytes=max_body_bytes
    )
