"""The system checks of the app."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections as databases
from django.test import override_settings

from zendesk_orm import ClientCredentials
from zendesk_orm.contrib.django import checks


OAUTH = ClientCredentials("id", "secret")


def _ids(zendesk):
    """Return the ids of the messages about a value of the setting."""
    with override_settings(ZENDESK=zendesk):
        return [message.id.rpartition(".")[2] for message in run_checks(tags=["zendesk_orm"])]


def _fail():
    pytest.fail("a check must not call functions of the settings")


CASES = (
    # Valid settings.
    ([], {"default": {"url": "emulator://?seed=demo"}}),
    ([], {"default": {"subdomain": "acme", "oauth": OAUTH}}),
    ([], {"default": {"SUBDOMAIN": "acme", "OAUTH": _fail, "max_rpm": 30, "timeout": (5, 30)}}),
    ([], {"default": {"url": _fail}}),
    ([], {"default": {"base_url": _fail, "email": _fail, "password": _fail}}),
    ([], {"default": {"subdomain": "acme", "oauth_token": _fail}}),
    ([], {"default": {"subdomain": "acme", "anonymous": True, "webhook_secrets": ["s"]}}),
    ([], {"default": {"url": "zendesk+client://id:secret@acme"}}),
    # The form of the setting.
    (["W001"], {}),
    (["W001"], None),
    (["W001"], {"emea": {"subdomain": "acme", "anonymous": True}}),
    (["E001"], "zendesk://me:secret@acme"),
    (["E001"], {"default": "zendesk://me:secret@acme"}),
    (["E001"], {"": {"url": "emulator://"}, "default": {"url": "emulator://"}}),
    (["E001", "E001"], {"subdomain": "acme", "oauth": OAUTH}),
    # Options.
    (["E002"], {"default": {"subdomian": "acme", "oauth": OAUTH}}),
    (["E002"], {"default": {"url": "emulator://", "alias": "default"}}),
    (["E002"], {"default": {7: 8}}),
    (["E003"], {"default": {}}),
    (["E003"], {"default": {"subdomain": "acme"}}),
    (["E003"], {"default": {"subdomain": "acme", "email": "me@acme.com", "token": None}}),
    (["E003"], {"default": {"subdomain": "acme", "oauth": OAUTH, "oauth_token": "x"}}),
    (["E003"], {"default": {"subdomain": "acme", "oauth": OAUTH, "oauth_token": _fail}}),
    (["E003"], {"default": {"subdomain": "a.b", "oauth": OAUTH}}),
    (["E003"], {"default": {"subdomain": "acme", "base_url": "https://b.c", "oauth": OAUTH}}),
    (["E003"], {"default": {"subdomain": "acme", "oauth": OAUTH, "max_rpm": -1}}),
    (["E003"], {"default": {"subdomain": "acme", "oauth": OAUTH, "timeout": "5"}}),
    (["E003"], {"default": {"subdomain": "acme", "oauth": OAUTH, "read_ahead": -1}}),
    (["E003"], {"default": {"subdomain": "acme", "oauth": OAUTH, "cache_seconds": {"x": 1}}}),
    (["E003"], {"default": {"url": "emulator://", "oauth": OAUTH}}),
    (["E003"], {"default": {"url": "http://acme"}}),
    # API tokens.
    (["W002"], {"default": {"subdomain": "acme", "email": "me@acme.com", "token": "x"}}),
    (["W002"], {"default": {"subdomain": "acme", "email": "me@acme.com", "token": _fail}}),
    (["W002"], {"default": {"url": "zendesk://me%40acme.com:x@acme"}}),
)


def test_settings_are_checked():
    """Each problem of the settings has one message; functions are not called."""
    actual = [_ids(zendesk) for _, zendesk in CASES]

    assert actual == [ids for ids, _ in CASES]


def test_messages_suggest_and_show_no_secret():
    """The message of a misspelt option names the right one; values are not displayed."""
    with (
        override_settings(ZENDESK={"default": {"subdomain": "acme", "tokken": "hunter2"}}),
        pytest.raises(SystemCheckError, match="did you mean 'token'") as error,
    ):
        call_command("check")
    with (
        override_settings(ZENDESK={"default": "zendesk://me:hunter2@acme"}),
        pytest.raises(SystemCheckError, match="dictionary") as other,
    ):
        call_command("check")

    assert "hunter2" not in f"{error.value}{other.value}"


def test_environment_variables_replace_the_setting(monkeypatch):
    """With environment variables, the default account may be missing in the settings."""
    monkeypatch.setenv("ZENDESK_URL", "zendesk+anonymous://acme")

    assert _ids({}) == []
    assert _ids({"emea": {"url": "emulator://"}}) == []


def test_the_warning_about_api_tokens_has_a_date(monkeypatch):
    """The warning names the day on which Zendesk stops accepting API tokens."""
    zendesk = {"default": {"subdomain": "acme", "email": "me@acme.com", "token": "x"}}
    texts = []
    for day in (date(9999, 1, 1), date(2026, 1, 1)):
        monkeypatch.setattr(checks, "END_OF_API_TOKENS", day)
        with override_settings(ZENDESK=zendesk):
            texts += [message.msg for message in run_checks(tags=["zendesk_orm"])]

    assert ["stops accepting on 9999" in texts[0], "has stopped" in texts[1]] == [True, True]


def test_missing_tables_are_reported(database):
    """With `--database`, a missing table of the app is reported."""
    zendesk = {"default": {"url": "emulator://"}}
    with override_settings(ZENDESK=zendesk):
        assert run_checks(databases=["default", "other"], tags=["zendesk_orm"]) == []
        with databases["other"].cursor() as cursor:
            cursor.execute("ALTER TABLE zendesk_orm_checkpoint RENAME TO away")
        try:
            messages = run_checks(databases=["default", "other"], tags=["zendesk_orm"])
        finally:
            with databases["other"].cursor() as cursor:
                cursor.execute("ALTER TABLE away RENAME TO zendesk_orm_checkpoint")

    assert [message.id for message in messages] == ["zendesk_orm.W003"]
    assert "migrate zendesk_orm --database other" in messages[0].hint


def test_migrations_match_the_models():
    """`makemigrations` has nothing to add."""
    call_command("makemigrations", "zendesk_orm", check=True, dry_run=True, verbosity=0)
