"""The test cases of the app, run as a project runs them."""

from __future__ import annotations

import unittest
from typing import ClassVar

import pytest
from django.db import connections as databases
from django.test import override_settings

from tests.django.people.models import User as Person
from zendesk_orm import ConfigurationError, Ticket, User, connect, connections, post_save, receiver
from zendesk_orm.contrib.django.test import (
    ZendeskSimpleTestCase,
    ZendeskTestCase,
    ZendeskTransactionTestCase,
)


pytestmark = pytest.mark.usefixtures("database")


def run(case):
    """Run the tests of a class, and return the messages of failures and errors."""
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    assert result.testsRun > 0
    return [text for _, text in (*result.failures, *result.errors)]


class _Tests:
    zendesk_options: ClassVar = {"seed": "demo"}

    def setUp(self):
        self.before = Ticket.objects.count()

    def test_one(self):
        """A test changes its emulator."""
        Ticket.objects.create(subject="New", comment={"body": "Help!"})
        assert (Ticket.objects.count(), self.before) == (3001, 3000)
        assert self.zendesk.log[-1].status == 200

    def test_two(self):
        """Another test has another emulator."""
        self.test_one()

    def test_requests(self):
        """Requests are counted in a block, or those of a function."""
        with self.assertNumZendeskRequests(1):
            Ticket.objects.get(id=1)
        self.assertNumZendeskRequests(1, Ticket.objects.get, id=1)
        with pytest.raises(AssertionError, match="1 requests were sent, not 2"):
            self.assertNumZendeskRequests(2, Ticket.objects.get, id=1)

    async def test_async(self):
        """An asynchronous test has an emulator, too."""
        assert await Ticket.objects.acount() == 3000


class _DatabaseTests(_Tests):
    def test_database(self):
        """Models of the database and of Zendesk with the same name are used together."""
        with self.assertNumQueries(1), self.assertNumZendeskRequests(1):
            Person.objects.create(username="ada")
            User.objects.create(name="Ada")
        assert Person.objects.count() == 1


@pytest.mark.parametrize(
    "bases",
    [
        (_Tests, ZendeskSimpleTestCase),
        (_DatabaseTests, ZendeskTestCase),
        (_DatabaseTests, ZendeskTransactionTestCase),
    ],
    ids=lambda bases: bases[1].__name__,
)
def test_each_test_has_an_emulator(bases):
    """Each test begins with a new emulator, with and without a database."""
    assert run(type("Case", bases, {})) == []
    assert Person.objects.count() == 0
    databases["default"].close()


@pytest.mark.lenient
def test_the_accounts_of_the_settings_are_emulators():
    """No account of the settings is reached by a test; each has an emulator."""

    class Case(ZendeskSimpleTestCase):
        def test_emea(self):
            """Aliases are separate, and their emulators are available before their first use."""
            assert sorted(connections) == ["default", "emea"]
            assert len(self.get_emulator("emea").log) == 0
            User.objects.using("emea").create(name="Ada")
            assert len(self.get_emulator("emea").log) == 1
            assert len(self.zendesk.log) == 0
            assert self.get_emulator() is self.zendesk
            with pytest.raises(ConfigurationError, match="did you mean 'emea'"):
                self.get_emulator("eme")

        test_again = test_emea

    real = {"subdomain": "acme", "anonymous": True}
    with override_settings(ZENDESK={"default": real, "emea": real}):
        assert run(Case) == []
        assert connections["emea"].transport.base_url == "https://acme.zendesk.com"


def test_accounts_and_receivers_are_as_before():
    """After a test, accounts that were connected before and receivers are as they were."""

    class Case(ZendeskSimpleTestCase):
        def test_change(self):
            """A test connects accounts and receivers."""
            connect("emulator://", alias="mine")
            receiver(post_save)(lambda sender, **kwargs: None)
            assert connections["default"] != account

    account = connect("emulator://")
    assert run(Case) == []
    assert (list(connections), connections["default"]) == (["default"], account)
    assert not post_save.receivers


def test_failures_are_reported():
    """A failing test does not end the others."""

    class Case(ZendeskSimpleTestCase):
        def test_fails(self):
            """A test fails."""
            with self.assertNumZendeskRequests(0):
                Ticket.objects.count()

        def test_passes(self):
            """Another passes."""
            Ticket.objects.count()

    (failure,) = run(Case)
    assert "1 requests were sent, not 0:\n  GET /api/v2/" in failure
