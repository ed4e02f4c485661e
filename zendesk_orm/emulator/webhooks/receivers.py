"""Receivers of the requests of webhooks: servers and functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from zendesk_orm.emulator.context import Context
from zendesk_orm.http.deadlines import DeadlineAdapter


#: The reply of a receiver: None for the status 200, a status, or a status and headers.
Reply = int | tuple[int, Mapping[str, str]] | None
#: A function that receives a request with `method`, `url`, `headers` and `body`.
Receiver = Callable[[requests.PreparedRequest], Reply]


class ReceiverAdapter(BaseAdapter):
    """Calls a function instead of a server. An exception becomes the status 500.

    Args:
        receiver: the function.
    """

    def __init__(self, receiver: Receiver) -> None:
        super().__init__()
        self._receiver = receiver

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Return the response of the function.

        Raises:
            TimeoutError: the function raised it, to emulate a timeout.
        """
        try:
            reply = self._receiver(request)
        except (TimeoutError, requests.RequestException):
            raise
        except Exception as error:  # noqa: BLE001 - as in a server
            return build_response(request, 500, {}, f"{type(error).__name__}: {error}")
        status, headers = reply if isinstance(reply, tuple) else (reply or 200, {})
        return build_response(request, status, headers)

    def close(self) -> None:
        """Do nothing, as the adapter opens no connection."""


class SelectiveAdapter(DeadlineAdapter):
    """Sends requests to the hosts of `Switches.webhook_hosts` alone; others get the status 200.

    A receiver has to send its whole response in time.

    Args:
        context: the account.
    """

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Return the response of the server, or an empty one with the status 200."""
        hosts = self._context.switches.webhook_hosts.split()
        host = urlsplit(request.url or "").hostname
        if "*" in hosts or host in hosts:
            return super().send(request, *args, **kwargs)
        text = f"{request.method} {request.url}"
        return build_response(request, 200, {"Content-Type": "text/plain"}, text)


def build_response(
    request: requests.PreparedRequest, status: int, headers: Mapping[str, str], text: str = ""
) -> requests.Response:
    """Return a response without a server."""
    response = requests.Response()
    response.status_code = status
    response.headers = CaseInsensitiveDict(headers)
    response.raw = BytesIO(text.encode())
    response.encoding = "utf-8"
    response.url, response.request = request.url or "", request
    return response
