"""The view that receives the webhooks of Zendesk.

::

    from zendesk_orm.contrib.django.views import webhook_view

    urlpatterns = [path("zendesk/", webhook_view(settings.ZENDESK_WEBHOOK_SECRET))]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

from zendesk_orm.extras import require_extra
from zendesk_orm.sync.receiving import Reply, WebhookReceiver
from zendesk_orm.sync.verification import Secret


with require_extra("django"):
    from django.core.exceptions import RequestDataTooBig
    from django.http import HttpRequest, HttpResponse
    from django.views.decorators.csrf import csrf_exempt


if TYPE_CHECKING:
    from zendesk_orm.account import Account


def webhook_view(
    secret: Secret | Iterable[Secret], account: Account | str | None = None, **options: Any
) -> Callable[[HttpRequest], HttpResponse]:
    """Return a view that receives webhooks; it is exempt from Django's CSRF check.

    The sizes of bodies are limited by `max_body_bytes` and by `DATA_UPLOAD_MAX_MEMORY_SIZE`.

    Args:
        secret, account, options: see `webhook_app()`.

    Raises:
        ConfigurationError: the secret is missing, or another argument is invalid.
    """
    receiver = WebhookReceiver(secret, account, **options)

    def receive(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Answer a request of a webhook."""
        reply = _handle(receiver, request)
        response = HttpResponse(reply.body, status=reply.status)
        for name, value in reply.headers:
            response.headers[name] = value
        return response

    # Django's type allows for coroutines.
    view: Any = csrf_exempt(receive)
    return cast("Callable[[HttpRequest], HttpResponse]", view)


def _handle(receiver: WebhookReceiver, request: HttpRequest) -> Reply:
    """Return the response to a request, whose body is read only if it is not too large."""
    length = str(request.META.get("CONTENT_LENGTH") or "")
    if length.isdigit() and int(length) > receiver.max_body_bytes:
        return receiver.refuse_size()
    try:
        body = request.body
    except RequestDataTooBig:
        return receiver.refuse_size()
    return receiver.handle(body, request.META, request.method or "")
