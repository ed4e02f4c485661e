"""Accounts of the setting ZENDESK."""

from __future__ import annotations

from traceback import walk_tb

import pytest
from django.conf import settings
from django.test import override_settings

from zendesk_orm import ClientCredentials, ConfigurationError, Ticket, connect, connections


def test_accounts_are_connected_on_first_use():
    """The accounts of the settings are known at once, and connected by the first query."""
    zendesk = {"default": {"URL": "emulator://?seed=demo"}, "emea": {"url": "emulator://"}}
    with override_settings(ZENDESK=zendesk):
        assert sorted(connections) == ["default", "emea"]
        assert connections.get_connected("default") is None

        assert Ticket.objects.count() == 3000
        assert Ticket.objects.using("emea").count() == 0
        assert connections["default"] is connections.get_connected("default")


def test_options_are_arguments_of_connect():
    """Each option is an argument of `connect()`, in upper or in lower case."""
    options = {
        "SUBDOMAIN": "acme",
        "oauth": lambda: ClientCredentials("id", "secret"),
        "max_rpm": 30,
        "TIMEOUT": 5,
        "WEBHOOK_SECRETS": ["made-up"],
    }
    with override_settings(ZENDESK={"default": options}):
        account = connections["default"]

    assert account.transport.base_url == "https://acme.zendesk.com"


def test_functions_are_called_on_first_use_and_not_before():
    """A function may fetch a secret: it is called once, when the account is connected."""
    calls = []

    def read_token():
        calls.append(1)
        return "made-up"

    options = {"subdomain": "acme", "email": "me@acme.com", "token": read_token}
    with override_settings(ZENDESK={"default": options}):
        assert calls == []
        account = connections["default"]
        assert connections["default"] is account
        assert calls == [1]


def test_a_function_for_an_access_token_is_called_by_each_request():
    """`oauth_token` may be a function that returns the current token, as in `connect()`."""
    calls = []

    def get_token():
        calls.append(1)
        return "made-up"

    with override_settings(ZENDESK={"default": {"subdomain": "acme", "oauth_token": get_token}}):
        account = connections["default"]
        assert calls == []
        account.transport.credentials.authorization()
        account.transport.credentials.authorization()

    assert calls == [1, 1]


def test_changed_settings_are_honoured():
    """`override_settings` closes the accounts of the settings, and defines the new ones."""
    with override_settings(ZENDESK={"default": {"url": "emulator://?seed=demo"}}):
        first = connections["default"]
        with override_settings(ZENDESK={"emea": {"url": "emulator://"}}):
            assert list(connections) == ["emea"]
            with pytest.raises(ConfigurationError, match="connect"):
                Ticket.objects.count()
        assert Ticket.objects.count() == 3000
        assert connections["default"] is not first
    assert list(connections) == []


def test_an_account_of_connect_wins():
    """An account that a test has connected itself stays when settings change."""
    with override_settings(ZENDESK={"default": {"url": "emulator://?seed=demo"}}):
        account = connect("emulator://")
        with override_settings(ZENDESK={"default": {"subdomain": "acme", "anonymous": True}}):
            assert connections["default"] is account


def test_without_the_setting_environment_variables_are_used(monkeypatch):
    """A project without ZENDESK, or with an empty one, is as any other program."""
    assert not hasattr(settings, "ZENDESK")
    monkeypatch.setenv("ZENDESK_URL", "zendesk+anonymous://acme")

    assert connections["default"].transport.base_url == "https://acme.zendesk.com"
    connections.remove("default")
    with override_settings(ZENDESK={}):
        assert connections["default"].transport.base_url == "https://acme.zendesk.com"


def test_errors_name_the_account_and_show_no_secret():
    """A wrong option raises on first use, with the account, and without its values."""
    options = {"subdomain": "acme", "email": "me@acme.com", "tokken": "hunter2"}
    with (
        override_settings(ZENDESK={"emea": options}),
        pytest.raises(ConfigurationError, match="'tokken'; did you mean 'token'") as unknown,
    ):
        connections["emea"]
    options = {"subdomain": "acme", "token": "hunter2"}
    with (
        override_settings(ZENDESK={"emea": options}),
        pytest.raises(ConfigurationError, match="email") as invalid,
    ):
        connections["emea"]

    for error in (unknown, invalid):
        assert str(error.value).startswith("ZENDESK['emea']")
        frames = [frame.f_locals for frame, _ in walk_tb(error.value.__traceback__)][1:]
        assert frames != []
        assert "hunter2" not in f"{error.value}{frames}"


def test_an_option_in_both_cases_is_refused():
    """The same option in upper and lower case is ambiguous."""
    with (
        override_settings(ZENDESK={"default": {"URL": "emulator://", "url": "emulator://"}}),
        pytest.raises(ConfigurationError, match="twice"),
    ):
        connections["default"]
