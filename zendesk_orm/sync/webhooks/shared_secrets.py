"""`SharedSecretVerifier`: accepts the requests of webhooks that contain their secret.

Webhooks of Sunshine Conversations send the secret itself, and no signature. A request that was
received before is recognized by its body, which has the ids of its events.

Source: https://developer.zendesk.com/api-reference/conversations/#tag/Webhooks
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import datetime, timezone

from zendesk_orm.errors import WebhookRejected
from zendesk_orm.http.clock import Clock
from zendesk_orm.http.secret import conceal_arguments
from zendesk_orm.sync.webhooks.verification import (
    Headers,
    Secret,
    Verifier,
    WebhookDelivery,
    digest,
    get_header,
    read_body,
    read_headers,
    require_header,
)


#: The header with the secret; unconfirmed.
API_KEY_HEADER = "x-api-key"


class SharedSecretVerifier(Verifier):
    """The secrets of webhooks that send them: `messaging_webhook_app(secret)`.

    Args:
        secret: the secret, or several while one replaces another.

    Raises:
        ConfigurationError: a secret is missing or invalid.
    """

    challenge = "API-Key"

    @conceal_arguments
    def __init__(self, secret: Secret | Iterable[Secret]) -> None:
        super().__init__(secret)

    def verify(self, body: bytes | str, headers: Headers, clock: Clock) -> WebhookDelivery:
        """Return a request if it contains one of the secrets; nothing of the body is parsed before.

        Raises:
            WebhookRejected: it does not.
            InvalidValue: the body was parsed already.
        """
        content, values = read_body(body), read_headers(headers, {API_KEY_HEADER})
        sent = require_header(values, API_KEY_HEADER).encode()
        # All are compared, in the same time for each result.
        matches = [hmac.compare_digest(secret, sent) for secret in self._secrets]
        if not any(matches):
            raise WebhookRejected(f"the header {API_KEY_HEADER} is not the secret of the webhook")
        moment = datetime.fromtimestamp(clock.now(), timezone.utc)
        content_type = get_header(values, "content-type").partition(";")[0].strip().lower()
        key = digest("body", content)
        return WebhookDelivery(key, "", moment, content, content_type, (key,))
