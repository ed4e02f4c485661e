"""A way to an emulator on which requests fail at random."""

from __future__ import annotations

import io
import random

import requests
from urllib3 import HTTPResponse
from urllib3.exceptions import ProtocolError

from zendesk_orm import Account, RetryPolicy
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.server.adapter import EmulatorAdapter


#: What can happen to a request: a rate limit, a failure of the server, a broken connection, a body
#: that ends too early. `interrupt` stands for Ctrl+C.
FAULTS = ("429", "500", "reset", "cut off")
#: Requests of one test: more of them mean that it never ends.
MOST_REQUESTS = 3000


class FaultyAdapter(EmulatorAdapter):
    """The way to an emulator, on which a part of the requests fails.

    Args:
        emulator: the emulator.
        seed: the seed of the random faults.
        rate: the part of the requests that fails, from 0 to 1.
        kinds: the faults.
    """

    def __init__(
        self, emulator: Emulator, seed: int, rate: float, kinds: tuple[str, ...] = FAULTS
    ) -> None:
        super().__init__(emulator.wsgi)
        self._random = random.Random(seed)
        self.rate = rate
        self._kinds = kinds
        self.failed = self.sent = 0
        #: The number of requests after which all fail, or None.
        self.fail_after: int | None = None

    def send(self, request: requests.PreparedRequest, *args, **kwargs) -> requests.Response:
        """Answer a request, or fail."""
        self.sent += 1
        if self.sent > MOST_REQUESTS:
            raise AssertionError("the requests do not end")
        is_late = self.fail_after is not None and self.sent > self.fail_after
        if "/oauth/" in request.url or not (is_late or self._random.random() < self.rate):
            return super().send(request, *args, **kwargs)
        self.failed += 1
        kind = self._random.choice(self._kinds)
        if kind == "interrupt":
            raise KeyboardInterrupt
        if kind == "reset":
            error = ProtocolError("Connection aborted.", ConnectionResetError())
            raise requests.ConnectionError(error, request=request)
        response = super().send(request, *args, **kwargs)
        if kind == "cut off":
            body = response.raw.read()
            response.raw = HTTPResponse(io.BytesIO(body[: len(body) // 2]), preload_content=False)
            return response
        response.headers.update({"Retry-After": "1"} if kind == "429" else {})
        return answer_with(response, int(kind))


def answer_with(response: requests.Response, status: int) -> requests.Response:
    """Return a response with another status, and an empty object as its body."""
    response.status_code = status
    response.raw = HTTPResponse(io.BytesIO(b"{}"), preload_content=False)
    return response


def connect_faulty(
    emulator: Emulator,
    seed: int = 0,
    rate: float = 0.3,
    *,
    kinds: tuple[str, ...] = FAULTS,
    alias: str = "default",
    read_ahead: int = 0,
) -> tuple[Account, FaultyAdapter]:
    """Return an account that sends each request once, and the adapter that makes some fail."""
    account = emulator.connect(alias=alias, retry=RetryPolicy(attempts=1), read_ahead=read_ahead)
    adapter = FaultyAdapter(emulator, seed, rate, kinds)
    account.transport._session.mount("https://", adapter)
    return account, adapter
