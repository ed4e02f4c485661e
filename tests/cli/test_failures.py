"""Errors of commands: one line, exit codes, and unusual environments."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys

import pytest

from tests.cli.conftest import COMMAND
from zendesk_orm import cli
from zendesk_orm.cli import jobs, program


@pytest.fixture
def script(tmp_path):
    """Return a function that runs a command in bash, with a demo account."""

    def script(text, **environment):
        command = f'{sys.executable} -c "from zendesk_orm.cli import main; main()"'
        return subprocess.run(
            ["bash", "-c", text.replace("zendesk-orm", command)],
            env={**os.environ, "ZENDESK_URL": "emulator://?seed=demo", **environment},
            cwd=tmp_path,
            capture_output=True,
            timeout=60,
            check=False,
        )

    return script


@pytest.mark.parametrize("module", ["click", "rich"])
def test_the_command_line_without_its_extra(module):
    """Without its extra, the command prints one line that installs it, and exits with 1."""
    code = f"import sys; sys.modules[{module!r}] = None\n{COMMAND[2]}"

    done = subprocess.run(
        [sys.executable, "-c", code, "whoami"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert 'pip install "zendesk_orm[cli]"' in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_closed_pipe_ends_the_output_silently(script):
    """`zendesk-orm ... | head` prints the first lines, and no error."""
    for style in ("table", "csv", "jsonl", "json"):
        done = script(
            f"zendesk-orm query tickets --format {style} | head -n 3; exit ${{PIPESTATUS[0]}}"
        )

        assert (done.returncode, done.stderr) == (141, b"")
        assert done.stdout.count(b"\n") == 3


@pytest.mark.slow
def test_commands_run_in_any_environment(script):
    """Commands run in another locale, without HOME, input or output, and in narrow terminals."""
    query = "zendesk-orm query tickets --limit 2 --columns id,subject"
    expected = script(query).stdout

    assert expected.startswith(b"id")
    for text, environment in {
        query: {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        f"env -u HOME {query}": {},
        f"{query} <&-": {},
        f"COLUMNS=20 {query}": {},
        f"TERM= {query}": {},
    }.items():
        done = script(text, **environment)

        assert (text, done.returncode, done.stderr) == (text, 0, b"")
        assert done.stdout == expected
    assert script(f"{query} >&-").returncode == 0
    assert script(f"{query} 2>&-").stdout == expected


@pytest.mark.slow
def test_characters_that_a_locale_lacks_are_numbers(script):
    """A character that the encoding of the output lacks is printed as its number."""
    program = "zendesk-orm shell -c 'print(chr(233), chr(0x1F525))'"
    encodings = {"ascii": b"\\xe9 \\U0001f525\n", "utf-8": "é 🔥\n".encode()}

    for encoding, expected in encodings.items():
        done = script(program, PYTHONIOENCODING=encoding)

        assert (done.returncode, done.stdout, done.stderr) == (0, expected, b"")


@pytest.mark.slow
def test_an_unreachable_host_is_an_error(run, monkeypatch):
    """A host that does not answer is an error of one line, which contains the host."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    url = f"zendesk://me%40acme.com:s3cr3t@127.0.0.1:{port}"

    code, out, err = run("query", "tickets", "--url", url)

    assert (code, out) == (1, "")
    assert "127.0.0.1" in err
    assert "s3cr3t" not in err
    assert err.count("\n") == 1


def test_credentials_are_never_repeated(run):
    """A URL with credentials in a wrong place is not repeated by the error."""
    url = "zendesk://me%40acme.com:s3cr3t@acme"
    for arguments in (
        ["whoami", url],
        ["query", url],
        ["query", "tickets", url],
        ["jobs", "--timeout", url],
        [url],
        ["inspect", "-o", f"{url}/x/y", "--url", "emulator://"],
        ["query", "tickets", "--where", url],
        ["query", "tickets", "--columns", url, "--url", "emulator://"],
        ["login", "--base-url", url, "--client-id", "x"],
    ):
        code, out, err = run(*arguments)

        assert (arguments, code in (1, 2)) == (arguments, True)
        assert "s3cr3t" not in out + err
        assert err.count("\n") == 1


def test_unexpected_errors_are_one_line(run, demo, monkeypatch):
    """An unexpected exception is one line; ZENDESK_ORM_DEBUG shows its traceback."""

    def fail(*args, **kwargs):
        raise RuntimeError("odd\nthing \x1b[31m")

    monkeypatch.setattr(jobs, "iterate_jobs", fail)
    short = run("jobs")
    monkeypatch.setenv("ZENDESK_ORM_DEBUG", "1")
    long = run("jobs")

    assert short[0] == long[0] == 1
    assert short[2] == (
        "zendesk-orm: RuntimeError: odd thing \\x1b[31m (ZENDESK_ORM_DEBUG=1 prints the "
        "traceback)\n"
    )
    assert "Traceback" in long[2]


def test_a_full_disk_is_an_error(run, demo, monkeypatch, tmp_path):
    """Output that cannot be written is an error of one line."""
    code, _, err = run("inspect", "-o", tmp_path / "no" / "folder.py")

    assert code == 1
    assert os.strerror(errno.ENOENT) in err
    assert err.count("\n") == 1
    if os.path.exists("/dev/full"):  # noqa: PTH110 - a device
        done = subprocess.run(
            [*COMMAND, "scopes", __file__],
            stdout=os.open("/dev/full", os.O_WRONLY),
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert os.strerror(errno.ENOSPC) in done.stderr
        assert "Traceback" not in done.stderr


def test_usage_errors_name_the_help(run):
    """Usage errors are one line with the command whose help explains the usage."""
    for arguments, message in {
        "qery": "did you mean 'query'",
        "query": "Missing argument 'MODEL'",
        "query tickets --limt 3": "--limit",
        "query tickets --url": "query: Option '--url' requires an argument",
        "whoami --json=1": "does not take a value",
        "jobs a b": "unexpected extra argument",
    }.items():
        code, out, err = run(*arguments.split())

        assert (code, out) == (2, "")
        assert message in err
        assert "--help)" in err
        assert err.count("\n") == 1


def test_verbose_logs_requests_and_quiet_leaves_out_notes(demo, run):
    """`--verbose` logs each request to stderr; without it, nothing is logged."""
    code, out, err = run("query", "tickets", "--count", "--verbose")
    quiet = run("query", "tickets", "--count", "--quiet")

    assert (code, out) == (0, "3000\n")
    assert "DEBUG zendesk_orm.http: " in err
    assert "GET /api/v2/" in err
    assert quiet == (0, "3000\n", "")


def test_the_program_is_the_main_function():
    """`main()` runs the program with the arguments of the process."""
    assert cli.run is program.run


def test_wrong_usage_exits_with_2(demo, run, tmp_path, count_requests):
    """Arguments that are wrong exit with 2 and one line, before anything is sent or changed."""
    broken = tmp_path / "broken.py"
    broken.write_text("1 / 0\n")
    commands = [
        ("jobs", "../users/me"),
        ("jobs", ""),
        ("plan", tmp_path / "missing.py"),
        ("push", broken, "--yes"),
        ("check", broken),
        ("emulator", "--fault", "junk"),
        ("emulator", "--plan", "gold"),
        ("emulator", "--lag", "-1"),
        ("emulator", "--latency", "x"),
        ("emulator", "--latency", "nan"),
        ("emulator", "--token", ""),
        ("emulator", "--limit", "0"),
        ("emulator", "--port", 0, "--seed", "none"),
        ("query", "tickets", "--limit", "9" * 5000),
        ("login", "--subdomain", "acme", "--client-id", "x", "--scope", ""),
        ("login", "--subdomain", "acme", "--client-id", "x", "--redirect-uri", "ftp://x"),
    ]
    with count_requests(demo, 0):
        outcomes = [(command, run(*command)) for command in commands]

    wrong = [
        (command, code, err)
        for command, (code, out, err) in outcomes
        if (code, out, err.count("\n")) != (2, "", 1)
    ]
    assert wrong == []
