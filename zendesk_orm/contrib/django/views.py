"""Views that receive the webhooks of Zendesk.

`webhook` takes the secrets from the settings, and is routed by `zendesk_orm.contrib.django.urls`::

    ZENDESK = {"default": {..., "webhook_secrets": [os.environ["ZENDESK_WEBHOOK_SECRET"]]}}

    urlpatterns = [path("zendesk/", include("zendesk_orm.contrib.django.urls"))]

`webhook_view()` returns a view with other secrets::

    urlpatterns = [path("zendesk/", webhook_view(settings.ZENDESK_WEBHOOK_SECRET))]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

from zendesk_orm.extras import require_extra
from zendesk_orm.sync.webhooks.receiving import Reply, WebhookReceiver
from zendesk_orm.sync.webhooks.verification import Secret


with require_extra("django"):
    from django.core.exceptions import RequestDataTooBig
    from django.http import Http404, HttpRequest, HttpResponse
    from django.views.decorators.csrf import csrf_exempt

from zendesk_orm.contrib.django import webhooks
from zendesk_orm.schema.source import DEFAULT


if TYPE_CHECKING:
    from zendesk_orm.account import Account

View = Callable[..., HttpResponse]


def webhook_view(
    secret: Secret | Iterable[Secret], account: Account | str | None = None, **options: Any
) -> Callable[[HttpRequest], HttpResponse]:
    """Return a view that receives webhooks; it is exempt from Django's CSRF check.

    It runs outside of the transaction of `ATOMIC_REQUESTS`. The sizes of bodies are limited by
    `max_body_bytes` and by `DATA_UPLOAD_MAX_MEMORY_SIZE`.

    Args:
        secret, account, options: see `webhook_app()`.

    Raises:
        ConfigurationError: the secret is missing, or another argument is invalid.
    """
    receiver = WebhookReceiver(secret, account, **options)

    def receive(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Answer a request of a webhook."""
        return _respond(_handle(receiver, request))

    return _exempt(receive)


def _exempt(view: View) -> View:
    """Return a view without the CSRF check and without the transactions of `ATOMIC_REQUESTS`.

    The response to a failure is no exception, after which Django would roll back.
    """
    vars(view)["_non_atomic_requests"] = _AllDatabases()
    # Django's type allows for coroutines.
    exempt: Any = csrf_exempt(view)
    return cast("View", exempt)


class _AllDatabases:
    """The aliases of `non_atomic_requests()`: all of them, without reading the settings."""

    def __contains__(self, alias: object) -> bool:
        return True


def _receive(request: HttpRequest, alias: str = DEFAULT) -> HttpResponse:
    """Receive the webhooks of an account of the settings.

    Secrets are `ZENDESK[alias]["webhook_secrets"]`, and for the default account also
    `ZENDESK_WEBHOOK_SECRET`. Repeated deliveries are recognized by the cache
    `ZENDESK_WEBHOOK_CACHE`, `"default"` unless it is set, which all processes have to share.

    Args:
        request: the request.
        alias: the alias of the account.

    Returns:
        See `WebhookReceiver.handle()`; 401 if the account has no secret.

    Raises:
        Http404: the settings have no such account.
    """
    if not webhooks.has_account(alias):
        raise Http404
    receiver = webhooks.get_receiver(alias)
    return _respond(webhooks.refuse(alias) if receiver is None else _handle(receiver, request))


webhook = _exempt(_receive)


def _respond(reply: Reply) -> HttpResponse:
    response = HttpResponse(reply.body, status=reply.status)
    for name, value in reply.headers:
        response.headers[name] = value
    return response


def _handle(receiver: WebhookReceiver, request: HttpRequest) -> Reply:
    """Return the response to a request, whose body is read only if it is not too large."""
    if receiver.is_too_large(str(request.META.get("CONTENT_LENGTH") or "")):
        return receiver.refuse_size()
    try:
        body = request.body
    except RequestDataTooBig:
        return receiver.refuse_size()
    return receiver.handle(body, request.META, request.method or "")
