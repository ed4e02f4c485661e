"""The command line as a whole: its commands, usage, and the emulator's arguments."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

import zendesk_orm
from tests.cli.zendesk import REDIRECT
from zendesk_orm import ClientCredentials, cli, connect
from zendesk_orm.http.oauth.authorization import AuthorizationRequest


def test_every_command_has_its_help(run):
    """`--help` lists all commands, and each explains its arguments."""
    code, out, _ = run("--help")
    helps = {name: run(name, "--help") for name in cli.COMMANDS}

    assert 0 == code
    assert [name for name in cli.COMMANDS if name not in out] == []
    assert {0} == {code for code, _, _ in helps.values()}


def test_no_command_is_a_usage_error(run):
    """Without a command, or with an unknown one, the exit code is 2."""
    assert 2 == run()[0]
    assert 2 == run("sign-in")[0]


def test_the_main_function_can_be_run_from_the_shell(start):
    """Without an account, the shell sees exit code 1 and a line on stderr."""
    process = start("whoami", env={"XDG_DATA_HOME": os.devnull + "-none"})
    out, err = process.communicate(timeout=60)

    assert (1, "") == (process.returncode, out)
    assert 1 == err.count("\n")
    assert "Traceback" not in err


@pytest.mark.parametrize("port", ["-1", "65536", "http", "1.5", "8_0", ""])
def test_ports_are_checked(run, port):
    """A port out of range is a usage error that states the range."""
    code, _, err = run("emulator", f"--port={port}")

    assert 2 == code
    assert f"must be a number from 0 to 65535, not {port!r}" in err


def test_an_emulator_at_a_taken_port(run):
    """The message names the port, in one line."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = run("emulator", "--port", port)

    assert 1 == code
    assert f"port {port} of 127.0.0.1" in err
    assert 1 == err.count("\n")


def test_an_emulator_that_cannot_start(run):
    """An address or a seed that does not exist is an error of one line."""
    code, _, err = run("emulator", "--port", 0, "--seed", "none")

    assert 1 == code
    assert 1 == err.count("\n")


def test_the_mode_of_oauth_is_one_of_two(run):
    """--oauth takes strict or lenient."""
    code, _, err = run("emulator", "--oauth", "lax")

    assert 2 == code
    assert "strict" in err
    assert "lenient" in err


@pytest.mark.parametrize("module", ["filelock", "platformdirs"])
@pytest.mark.parametrize(
    "arguments", [["login", "--subdomain", "acme", "--client-id", "x"], ["whoami"], ["logout"]]
)
def test_without_the_extra_the_error_says_what_to_install(module, arguments):
    """Only what keeps tokens needs the extra."""
    code = (
        f"import sys; sys.modules[{module!r}] = None\n"
        f"from zendesk_orm.cli import main; main({arguments!r})"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert 1 == done.returncode
    assert 'pip install "zendesk_orm[oauth]"' in done.stderr
    assert 1 == done.stderr.count("\n")


def test_commands_with_a_url_need_no_extra():
    """An account that is named needs no store of tokens."""
    code = (
        "import sys; sys.modules['filelock'] = sys.modules['platformdirs'] = None\n"
        "from zendesk_orm.cli import main; main(['whoami', '--url', 'emulator://'])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert 0 == done.returncode


@pytest.mark.parametrize(
    "program",
    [
        "from zendesk_orm import connect; connect('emulator://')",
        "from zendesk_orm.emulator import Emulator",
        "from zendesk_orm.cli import main; main(['emulator'])",
        "from zendesk_orm.cli import main; main(['whoami', '--url', 'emulator://'])",
    ],
)
def test_an_emulator_without_its_extra_says_what_to_install(program):
    """The last line of the error is the same in a program and in a command."""
    code = f"import sys; sys.modules['werkzeug'] = None\n{program}"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert 1 == done.returncode
    assert 'pip install "zendesk_orm[emulator]"' in done.stderr.splitlines()[-1]
    assert "main" not in program or 1 == done.stderr.count("\n")


def test_the_version(run):
    """--version prints the version of the package."""
    assert (0, f"zendesk-orm {zendesk_orm.__version__}\n", "") == run("--version")


def test_a_strict_emulator_prints_how_to_sign_in(start):
    """The printed line of Python connects; the printed client may use the redirect of `login`."""
    process = start("emulator", "--port", 0, "--oauth", "strict")
    lines = []
    while not lines or "zendesk-orm login" not in lines[-1]:
        lines.append(process.stdout.readline())

    line = next(line for line in lines if "connect(" in line).strip()
    account = eval(line, {"connect": connect, "ClientCredentials": ClientCredentials})
    who = account.raw.get("/api/v2/users/me")["user"]["email"]
    command = dict(zip(*[iter(lines[-1].split()[2:])] * 2, strict=True))
    request = AuthorizationRequest(command["--client-id"], REDIRECT.format(port=8085))
    page = requests.get(request.url(command["--base-url"]), timeout=9, allow_redirects=False)

    assert "owner@example.com" == who
    assert request.code(page.headers["Location"])


def test_every_command_is_documented():
    """The page about the command line has a row and a link for each command."""
    page = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"
    text = page.read_text(encoding="utf-8")

    assert [name for name in cli.COMMANDS if f"\n| [`{name}`](" not in text] == []
