"""`zendesk-orm plan` and `zendesk-orm push`."""

from __future__ import annotations

import io
import json
import sys

import pytest

from zendesk_orm import TicketField, cli
from zendesk_orm.emulator.server.faults import Fault


MODULE = """
from zendesk_orm import CustomField, Ticket


class OurTicket(Ticket):
    size = CustomField[str]("Size", type="tagger", options={"s": "Small"})
    code = CustomField[int]("Code")
"""


@pytest.fixture
def run(account, tmp_path, capsys):
    """Return a function that runs a command with a module, and returns code, output and errors."""
    file = tmp_path / "models.py"
    file.write_text(MODULE, encoding="utf-8")

    def run(command, *arguments):
        code = 0
        try:
            cli.main([command, str(file), *arguments])
        except SystemExit as end:
            code = end.code
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.mark.slow
def test_plan_shows_and_push_applies(run, emulator):
    """`plan` changes nothing, `push` makes the same changes, and `plan --check` then succeeds."""
    lines = [
        "2 changes of https://emulator.zendesk.com in 3 requests:",
        "  + create ticket field 'Size' (tagger, 1 option)  OurTicket.size",
        "  + create ticket field 'Code' (integer)           OurTicket.code",
    ]
    assert run("plan") == (0, "\n".join(lines) + "\n", "")
    assert run("plan", "--check")[0] == 1
    emulator.faults.add(Fault("POST /api/v2/ticket_fields", status=422, times=1))
    code, out, _ = run("push", "--yes")
    assert (code, [line.partition(" ")[0] for line in out.splitlines()]) == (1, ["failed", "done"])

    code, out, _ = run("push", "--yes", "--json")
    outcomes = json.loads(out)["outcomes"]

    assert (code, [outcome["state"] for outcome in outcomes]) == (0, ["done"])
    assert outcomes[0]["subject"] == "ticket field 'Size'"
    assert run("plan", "--check")[:2] == (
        0,
        "https://emulator.zendesk.com matches the declarations\n",
    )
    assert run("push")[0] == 0  # There is nothing to confirm.


def test_packages_in_the_current_folder_are_found(account, tmp_path, monkeypatch, capsys):
    """`plan` accepts a package and a module with relative imports, and loads each once."""
    package = tmp_path / "our_shop"
    package.mkdir()
    (package / "__init__.py").write_text("from .models import OurTicket\n", encoding="utf-8")
    (package / "models.py").write_text(f"from . import base\n{MODULE}", encoding="utf-8")
    (package / "base.py").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    # The folder of a command that is installed.
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path not in ("", str(tmp_path))])
    for place in ("our_shop", "our_shop.models"):
        cli.main(["plan", place])

        printed = capsys.readouterr()
        assert printed.out.startswith("2 changes of")
        assert printed.err == ""
    for name in ("", ".models", ".base"):
        monkeypatch.delitem(sys.modules, f"our_shop{name}")


@pytest.mark.slow
def test_push_asks_before_it_sends(run, monkeypatch):
    """Without `--yes`, the plan is printed and confirmed; another answer changes nothing."""
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda text: "n")
    code, out, err = run("push")
    assert (code, out) == (130, "")
    assert "create ticket field 'Size'" in err

    def answer(text):
        TicketField.objects.create(title="Code", type="integer")
        return "y"

    monkeypatch.setattr("click.termui.visible_prompt_func", answer)
    code, _, err = run("push")
    assert (code, "has changed meanwhile" in err) == (1, True)

    monkeypatch.setattr("click.termui.visible_prompt_func", lambda text: "y")
    assert run("push")[:2] == (0, "done    + create ticket field 'Size' (tagger, 1 option)\n")


def test_deletions_must_be_allowed(run):
    """`--allow-deletions` lists deletions first; JSON has those that were left out, too."""
    TicketField.objects.create(title="Old", type="text")

    left_out = json.loads(run("plan", "--json")[1])
    allowed = json.loads(run("plan", "--json", "--allow-deletions")[1])

    assert [change["subject"] for change in left_out["skipped_deletions"]] == ["ticket field 'Old'"]
    assert [change["destructive"] for change in allowed["changes"]] == [True, False, False]
    assert (left_out["requests"], allowed["requests"]) == (3, 4)


def test_impossible_models_exit_with_2(run):
    """Models that Zendesk does not permit end with 2 and a line that names the field."""
    TicketField.objects.create(title="Code", type="text")

    for command in ("plan", "push"):
        code, out, err = run(command)
        assert (code, out) == (2, "")
        assert err.startswith("zendesk-orm: OurTicket.code: the type is text, not int")


def test_push_without_a_terminal_names_the_option(run, monkeypatch):
    """Without an answer nothing is changed, and the message names `--yes`; "n" changes nothing."""
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    code, _, errors = run("push")
    assert (code, "pass --yes" in errors) == (1, True)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert run("push")[0] != 0

    assert TicketField.objects.filter(title="Size").count() == 0
