"""The command line: commands, usage errors, and the arguments of `emulator`."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest
import requests

import zendesk_orm
from tests.cli.zendesk import REDIRECT
from zendesk_orm import ClientCredentials, cli, connect
from zendesk_orm.cli.program import program
from zendesk_orm.http.oauth.authorization import AuthorizationRequest


def test_every_command_has_help(run):
    """`--help` lists all commands, and `COMMAND --help` explains the arguments of each."""
    code, out, _ = run("--help")
    helps = {name: run(name, "--help") for name in cli.COMMANDS}

    assert code == 0
    assert [name for name in cli.COMMANDS if name not in out] == []
    assert {code for code, _, _ in helps.values()} == {0}


def test_no_command_is_a_usage_error(run):
    """A missing or unknown command is a usage error with the exit code 2."""
    assert run()[0] == 2
    assert run("sign-in")[0] == 2


def test_the_main_function_can_be_run_from_the_shell(start):
    """A command without an account exits with 1, and prints one line to stderr."""
    process = start("whoami", env={"XDG_DATA_HOME": os.devnull + "-none"})
    out, err = process.communicate(timeout=60)

    assert (process.returncode, out) == (1, "")
    assert err.count("\n") == 1
    assert "Traceback" not in err


@pytest.mark.parametrize("port", ["-1", "65536", "http", "1.5", "8_0", ""])
def test_ports_are_validated(run, port):
    """A port out of range is a usage error that contains the allowed range."""
    code, _, err = run("emulator", f"--port={port}")

    assert code == 2
    assert f"must be a number from 0 to 65535, not {port!r}" in err


def test_a_used_port_is_an_error(run):
    """A port that is in use is an error of one line, which contains the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = run("emulator", "--port", port)

    assert code == 1
    assert f"port {port} of 127.0.0.1" in err
    assert err.count("\n") == 1


def test_the_mode_of_oauth_is_one_of_two(run):
    """`--oauth` accepts `strict` and `lenient`; another value is a usage error."""
    code, _, err = run("emulator", "--oauth", "lax")

    assert code == 2
    assert "strict" in err
    assert "lenient" in err


@pytest.mark.slow
@pytest.mark.parametrize("module", ["filelock", "platformdirs"])
@pytest.mark.parametrize(
    "arguments", [["login", "--subdomain", "acme", "--client-id", "x"], ["whoami"], ["logout"]]
)
def test_the_error_of_a_missing_extra_contains_its_name(module, arguments):
    """A command that stores tokens names the extra in its error if a dependency is missing."""
    code = (
        f"import sys; sys.modules[{module!r}] = None\n"
        f"from zendesk_orm.cli import main; main({arguments!r})"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert 'pip install "zendesk_orm[oauth]"' in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_commands_with_a_url_need_no_extra():
    """Commands with an account that is given by a URL need no extra."""
    code = (
        "import sys; sys.modules['filelock'] = sys.modules['platformdirs'] = None\n"
        "from zendesk_orm.cli import main; main(['whoami', '--url', 'emulator://'])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert done.returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "program",
    [
        "from zendesk_orm import connect; connect('emulator://')",
        "from zendesk_orm.emulator import Emulator",
        "from zendesk_orm.cli import main; main(['emulator'])",
        "from zendesk_orm.cli import main; main(['whoami', '--url', 'emulator://'])",
    ],
)
def test_an_emulator_without_its_extra_raises(program):
    """Without its extra, the emulator raises in a program and in a command with the same remedy."""
    code = f"import sys; sys.modules['werkzeug'] = None\n{program}"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert 'pip install "zendesk_orm[emulator]"' in done.stderr.splitlines()[-1]
    assert "main" not in program or done.stderr.count("\n") == 1


def test_the_version_is_printed(run):
    """`--version` prints the version of the package."""
    assert run("--version") == (0, f"zendesk-orm {zendesk_orm.__version__}\n", "")


@pytest.mark.slow
def test_a_strict_emulator_prints_how_to_sign_in(start):
    """`emulator --oauth strict` prints a line of Python that connects, and a client for `login`."""
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

    assert who == "owner@example.com"
    assert request.code(page.headers["Location"])


def test_every_command_is_documented():
    """The page about the command line has a row for each command, and names all its options."""
    page = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"
    text = page.read_text(encoding="utf-8")

    assert [name for name in cli.COMMANDS if f"\n| [`{name}`](" not in text] == []
    context = click.Context(program)
    for name in cli.COMMANDS:
        for parameter in program.get_command(context, name).params:
            options = parameter.opts if isinstance(parameter, click.Option) else [name]
            assert any(re.search(rf"`[^`]*{option}\b", text) for option in options), (name, options)
