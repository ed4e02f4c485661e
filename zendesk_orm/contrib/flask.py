"""A blueprint that receives the webhooks of Zendesk in a Flask application.

::

    from zendesk_orm.contrib.flask import webhook_blueprint

    app.register_blueprint(webhook_blueprint(os.environ["ZENDESK_WEBHOOK_SECRET"]))

Install `zendesk_orm[flask]`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from zendesk_orm.extras import require_extra
from zendesk_orm.sync.webhooks.receiving import Reply, WebhookReceiver
from zendesk_orm.sync.webhooks.verification import Secret


with require_extra("flask"):
    from flask import Blueprint, Response, request


if TYPE_CHECKING:
    from zendesk_orm.account import Account

#: All methods, so that the application itself answers those that webhooks do not use.
_METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


def webhook_blueprint(
    secret: Secret | Iterable[Secret],
    account: Account | str | None = None,
    *,
    path: str = "/zendesk/webhook",
    name: str = "zendesk_webhook",
    **options: Any,
) -> Blueprint:
    """Return a blueprint with one path, which receives webhooks.

    Args:
        secret, account, options: see `webhook_app()`.
        path: the path.
        name: the name of the blueprint; two blueprints need different names.

    Raises:
        ConfigurationError: the secret is missing, or another argument is invalid.
    """
    receiver = WebhookReceiver(secret, account, **options)
    blueprint = Blueprint(name, __name__)

    @blueprint.route(path, methods=_METHODS, provide_automatic_options=False)
    def receive() -> Response:
        """Answer a request of a webhook."""
        reply = _handle(receiver)
        return Response(reply.body, reply.status, reply.headers)

    return blueprint


def _handle(receiver: WebhookReceiver) -> Reply:
    """Return the response to the current request, whose body is read up to the limit."""
    length, limit = request.content_length, receiver.max_body_bytes
    if length is not None and length > limit:
        return receiver.refuse_size()
    body = request.stream.read(limit + 1) if length is None else request.get_data()
    return receiver.handle(body, request.environ, request.method)
