"""The command zendesk_shell."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from zendesk_orm import Ticket, connect


@pytest.fixture
def run(capsys):
    """Return a function that runs the command and returns its output."""

    def run(*args):
        with override_settings(ZENDESK={"default": {"url": "emulator://?seed=demo"}}):
            output = io.StringIO()
            call_command("zendesk_shell", *args, stdout=output)
            return capsys.readouterr().out + output.getvalue()

    return run


def test_code_is_run_with_the_names_of_the_library(run):
    """The public names and the account are defined."""
    assert run("-c", "print(Ticket.objects.count(), account.alias, Q(id=1))") == (
        "3000 default Q(id=1)\n"
    )


def test_functions_of_the_code_see_its_names(run):
    """The code is run as a module, in which functions and comprehensions see its names."""
    code = "n = 2\ndef double(x):\n    return n * x\nprint([double(n) for _ in 'ab'], __name__)"

    assert run("-c", code) == "[4, 4] __main__\n"


def test_standard_input_is_run(run, monkeypatch, tmp_path):
    """Code in a file or a pipe is run without a prompt."""
    path = tmp_path / "code.py"
    path.write_text("print(User.objects.count())", encoding="utf-8")
    with path.open() as file:
        monkeypatch.setattr("sys.stdin", file)
        assert run() == "400\n"


def test_a_dry_run_shows_changes():
    """With `--dry-run`, changes are displayed and not sent."""
    connect("emulator://?seed=demo")
    output = io.StringIO()
    code = "t = Ticket.objects.get(id=2965)\nt.priority = 'urgent'\nt.save()"

    call_command("zendesk_shell", "--dry-run", "-c", code, stdout=output)

    assert "priority: 'urgent'" in output.getvalue()
    assert "nothing was sent" in output.getvalue()
    assert Ticket.objects.get(id=2965).priority is None


def test_python_is_used_without_other_shells(run, monkeypatch):
    """Python's own shell has the names, too."""
    lines = iter(["print(account.alias)"])

    def read(prompt=""):
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", read)
    monkeypatch.setattr(
        "zendesk_orm.contrib.django.management.commands.zendesk_shell._has_input", lambda: False
    )

    assert "default" in run("-i", "python")


def test_errors_are_reported(run):
    """Unknown accounts and shells that are not installed are errors of the command."""
    with pytest.raises(CommandError, match="'defualt'; did you mean 'default'"):
        run("--account", "defualt", "-c", "")
    with pytest.raises(CommandError, match="bpython is not installed"):
        run("-i", "bpython")
