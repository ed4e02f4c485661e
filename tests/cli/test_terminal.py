"""Commands in a terminal: tables, colours, prompts, Ctrl+C, shells and progress."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.cli.zendesk import SECRET
from zendesk_orm import Comment, Ticket
from zendesk_orm.emulator import Emulator


pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs POSIX terminals")

URL = "emulator://?seed=demo"
_STYLE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
QUERY = ("query", "tickets", "--url", URL, "--limit", 3)


def lines_of(text):
    """Return the lines on a terminal without colours."""
    return [line.rstrip() for line in _STYLE.sub("", text).splitlines()]


@pytest.mark.slow
def test_a_table_fits_into_80_columns(terminal, finish):
    """A terminal gets a table with a line below the header, which is not wider than 80 columns."""
    code, text = finish(terminal(*QUERY, "--order-by", "-created_at"))

    lines = lines_of(text)
    assert code == 0
    assert [line for line in lines if len(line) > 80] == []
    assert lines[0].split() == ["id", "subject", "status", "priority", "type", "created_at"]
    assert set(lines[1].replace(" ", "")) == {"─"}
    assert lines[-1] == "3 rows"
    assert "Toner for device" in lines[2]
    assert re.search(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$", lines[2])


@pytest.mark.slow
def test_colours_can_be_disabled(terminal, finish):
    """The header of a table is coloured, unless NO_COLOR is set or the terminal has no colours."""
    texts = [
        finish(terminal(*QUERY, **environment))[1]
        for environment in ({}, {"NO_COLOR": "1"}, {"TERM": "dumb"})
    ]

    assert ["\x1b[1;36m" in text for text in texts] == [True, False, False]
    assert ["\x1b[36m" in text or ";36m" in text for text in texts] == [True, False, False]


@pytest.mark.slow
def test_a_narrow_terminal_shows_a_row_as_lines(terminal, finish):
    """A terminal with 20 columns shows the fields of a row below each other."""
    code, text = finish(terminal(*QUERY, "--columns", "id,subject,status", columns=20))

    lines = lines_of(text)
    assert code == 0
    assert lines[0].startswith("id: ")
    assert [line for line in lines if len(line) > 20] == []


@pytest.mark.slow
def test_a_secret_is_not_echoed(terminal, finish, zendesk, file):
    """The prompt for a client secret does not show what is typed."""
    where = ("--base-url", zendesk.url, "--client-id", "server", "--file", file)
    child = terminal("login", *where, "--client-secret", "--timeout", 1, "--no-browser")
    child.expect_exact("Client secret: ")
    child.sendline(SECRET)
    code, text = finish(child)

    assert code == 1
    assert SECRET not in text
    assert "nobody signed in" in text


@pytest.mark.slow
def test_ctrl_c_ends_with_130(terminal, finish, zendesk, file):
    """Ctrl+C during a prompt, and while the command waits, ends with 130 and one line."""
    where = ("--base-url", zendesk.url, "--client-id", "server", "--file", file)
    for arguments, prompt in (
        (("--client-secret",), "Client secret: "),
        (("--no-browser",), "paste it here:"),
    ):
        child = terminal("login", *where, *arguments)
        child.expect_exact(prompt)
        child.sendintr()
        code, text = finish(child)

        assert code == 130
        assert lines_of(text)[-1] == "zendesk-orm: interrupted"
        assert "Traceback" not in text


@pytest.mark.slow
def test_the_shell_evaluates_expressions(terminal, finish):
    """`shell` starts Python with the models and the account, and completes names by Tab."""
    child = terminal("shell", "--plain", "--url", URL, NO_COLOR="1")
    child.expect_exact("account are imported")
    child.expect_exact(">>> ")
    child.sendline("Ticket.objects.filter(Q(status='new') & ~Q(tags='vip')).count() + 10**6")
    child.expect(r"10000\d\d")
    child.expect_exact(">>> ")
    child.sendline("1 / 0")
    child.expect_exact("ZeroDivisionError")
    child.expect_exact(">>> ")
    child.send("accou\t.alias\n")
    child.expect_exact("'default'")
    child.sendline("exit()")
    code, _ = finish(child)

    assert code == 0


@pytest.mark.slow
@pytest.mark.lenient
def test_progress_appears_only_on_a_terminal(terminal, finish, start):
    """`jobs --wait` shows a progress bar on a terminal, and nothing on a pipe or with --quiet."""
    with Emulator(latency=0.0) as emulator, emulator.serve(port=0) as server:
        emulator.connect()
        tickets = [Ticket(subject="x", comment=Comment(body="x")) for _ in range(3)]
        emulator.switches.job_seconds = 1
        [job] = Ticket.objects.bulk_create(tickets, wait=False).jobs
        url = f"zendesk://owner%40example.com:emulated@{server.url.partition('//')[2]}"
        command = ("jobs", job.id, "--url", url, "--wait", "--timeout", 30)
        bars = [finish(terminal(*command, *options)) for options in ((), ("--quiet",))]
        piped = subprocess.run(
            [sys.executable, "-c", "from zendesk_orm.cli import main; main()", *map(str, command)],
            capture_output=True,
            text=True,
            check=False,
        )

    assert [code for code, _ in bars] == [0, 0]
    assert piped.stderr == ""
    assert f"Job            {job.id}\nStatus         completed\n" in piped.stdout
