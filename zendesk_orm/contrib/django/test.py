"""Test cases: an emulator for each test, and assertions about requests.

::

    class InboxTests(ZendeskTestCase):
        zendesk_options = {"seed": "demo"}

        def test_inbox(self):
            with self.assertNumZendeskRequests(2):
                self.client.get("/inbox/")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any, ClassVar

from django.test import SimpleTestCase, TestCase, TransactionTestCase

from zendesk_orm.account import Account, connections
from zendesk_orm.contrib.django.accounts import read_aliases
from zendesk_orm.emulator import Emulator
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.messages import display, suggestion
from zendesk_orm.schema.source import DEFAULT
from zendesk_orm.testing.isolation import open_emulator
from zendesk_orm.testing.requests import expect_requests


class ZendeskTestMixin:
    """An emulator for each test, connected as the default account; a mixin for test cases.

    The other accounts of the setting `ZENDESK` have an emulator of their own, which is created when
    a test uses the account. No account of the settings can be reached. After the test, accounts
    and receivers of signals are as before.

    Attributes:
        zendesk_options: the arguments of the emulators: `{"seed": "demo"}`.
        zendesk: the emulator of the default account.
    """

    zendesk_options: ClassVar[Mapping[str, Any]] = {}
    zendesk: Emulator

    def run(self, result: Any = None) -> Any:
        """Run the test, with `setUp()`, `tearDown()` and cleanups, on new emulators."""
        with open_emulator(self.zendesk_options) as emulator, ExitStack() as stack:
            self.zendesk = emulator
            self._emulators = {DEFAULT: emulator}
            for alias in read_aliases():
                if alias != DEFAULT:
                    connections.define(alias, partial(self._connect_emulator, alias, stack))
            parent: Any = super()
            return parent.run(result)

    def get_emulator(self, alias: str = DEFAULT) -> Emulator:
        """Return the emulator of an account of the setting `ZENDESK`.

        Raises:
            ConfigurationError: the setting has no such account.
        """
        aliases = {DEFAULT, *read_aliases()}
        if alias not in aliases:
            raise ConfigurationError(
                f"ZENDESK has no account {display(alias)}{suggestion(str(alias), aliases)}"
            )
        if alias not in self._emulators:
            self._emulators[connections[alias].alias]
        return self._emulators[alias]

    def assertNumZendeskRequests(
        self, num: int, func: Callable[..., Any] | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        """Assert the number of requests to Zendesk, as Django's `assertNumQueries()` for SQL.

        All accounts count, and retries, but not the requests of a sign-in. A failure lists them.

        Args:
            num: the number of requests.
            func: the function that sends them; without one, the result is a context manager.
            args, kwargs: the arguments of the function.

        Raises:
            AssertionError: another number of requests was sent.
        """
        context = expect_requests(num)
        if func is None:
            return context
        with context:
            func(*args, **kwargs)
        return None

    def _connect_emulator(self, alias: str, stack: ExitStack) -> Account:
        emulator = stack.enter_context(Emulator(**self.zendesk_options))
        self._emulators[alias] = emulator
        return emulator.connect(alias)


class ZendeskSimpleTestCase(ZendeskTestMixin, SimpleTestCase):
    """A `SimpleTestCase`, which has no database, with an emulator for each test."""


class ZendeskTestCase(ZendeskTestMixin, TestCase):
    """A `TestCase` with an emulator for each test."""


class ZendeskTransactionTestCase(ZendeskTestMixin, TransactionTestCase):
    """A `TransactionTestCase` with an emulator for each test."""
