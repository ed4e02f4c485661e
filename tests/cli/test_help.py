"""`--help`: its examples run, and shells complete names."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys

import click
import pytest

from tests.cli.conftest import COMMAND
from zendesk_orm import Comment, Ticket, Webhook, connections
from zendesk_orm.cli.commands import COMMANDS
from zendesk_orm.cli.program import program
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import Clock
from zendesk_orm.inspection.models import inspect


#: Commands that run until they are interrupted.
SERVERS = ("zendesk-orm emulator", "zendesk-orm demo --port")
#: The job of the examples.
_JOB = "8b726e606741012ffc2d782bcb7848fe"
WATCHERS = ("zendesk-orm watch", "zendesk-orm listen")


@pytest.fixture
def job(tmp_path, monkeypatch, demo_emulator):
    """Return the id of a job of the connected account; the files of the examples exist."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.py").write_text(inspect(connections["default"]), encoding="utf-8")
    for name in ("triage.py", "report.py"):
        (tmp_path / name).write_text("from zendesk_orm import Ticket\nTicket.objects.get(1)\n")
    (tmp_path / "hooks.py").write_text("def on_change(change):\n    pass\n")
    ticket = Ticket(subject="x", comment=Comment(body="x"))
    [job] = Ticket.objects.bulk_create([ticket], wait=False).jobs
    return job.id


def list_examples():
    """Return the examples of all commands."""
    context = click.Context(program)
    commands = {name: program.get_command(context, name) for name in COMMANDS}
    assert [name for name, command in commands.items() if not command.examples] == []
    return [example for command in commands.values() for example in command.examples]


def run_in_bash(example, url):
    """Run an example in a shell, and interrupt a server; return its exit code and its errors."""
    function = f'zendesk-orm() {{ {shlex.join(COMMAND)} "$@"; }}'
    with subprocess.Popen(
        ["bash", "-c", f"{function}\n{example}\n"],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PYTHONUNBUFFERED": "1",
            "ZENDESK_URL": url,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        if example.startswith(SERVERS):
            assert any("Zendesk at" in line for line in process.stdout)
            os.killpg(process.pid, signal.SIGINT)
        elif example.startswith(WATCHERS):
            assert "Ctrl+C stops it" in process.stderr.readline()
            os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
        return process.returncode, err


def run_example(example, url, emulator, run):
    """Run an example, in a shell if it needs one; return its exit code and its errors."""
    if "|" in example or example.startswith((*SERVERS, *WATCHERS)):
        return run_in_bash(example, url)
    emulator.connect()
    code, _, err = run(*shlex.split(example)[1:])
    return code, err


@pytest.mark.slow
@pytest.mark.lenient
def test_the_examples_of_help_run(job, demo_emulator, run, tmp_path):
    """Each example at the end of `--help` runs against an emulator and succeeds."""
    failures = []
    with Emulator(seed="demo", clock=Clock()) as emulator, emulator.serve(port=0) as server:
        emulator.connect()
        Webhook.objects.subscribe("https://example.com/hook", ["ticket.created"])
        address = server.url.partition("//")[2]
        url = f"zendesk://owner%40example.com:emulated@{address}"
        for example in list_examples():
            if example.startswith(("zendesk-orm login", "zendesk-orm logout")):
                continue  # The next test runs them.
            for path in (*tmp_path.glob("*.jsonl"), *tmp_path.glob("*.csv")):
                path.unlink()
            code, err = run_example(example.replace(_JOB, job), url, demo_emulator, run)
            if code != 0 or "Traceback" in err:
                failures.append((example, code, err))

    assert failures == []


def test_the_examples_of_login_and_logout_run(browser, run, zendesk, port, file):
    """The examples of `login` and `logout` run with another account."""
    account = f"--base-url {zendesk.url} --port {port} --file {file} --timeout 9"
    failures = []
    for example in list_examples():
        if not example.startswith(("zendesk-orm login", "zendesk-orm logout")):
            continue
        is_login = "login" in example
        where = account if is_login else f"--file {file}"
        line = example.replace("--subdomain acme", "" if is_login else f"--base-url {zendesk.url}")
        line = line.replace("my_app", "desktop").replace("--no-browser", "")
        code, _, err = run(*shlex.split(f"{line} {where}")[1:])
        if code != 0:
            failures.append((line, code, err))
        if not is_login:
            run("login", *shlex.split(account), "--client-id", "desktop")

    assert failures == []


def test_every_help_ends_with_examples(run):
    """The help of each command ends with its examples, and none is wider than 80 columns."""
    for name in COMMANDS:
        code, out, _ = run(name, "--help")

        assert code == 0
        assert "\nExamples:\n  " in out
        assert out.rstrip().splitlines()[-1].startswith("  ")
        assert f"zendesk-orm {name}" in out


def complete(words, count):
    """Return the completions that bash would show for the words of a command."""
    variables = {
        "_ZENDESK_ORM_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(count),
    }
    done = subprocess.run(
        COMMAND, env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_shells_complete_commands_models_and_conditions():
    """Shells complete commands, options, models, fields and choices."""
    assert complete(["zendesk-orm", "em"], 1) == ["emulator"]
    assert complete(["zendesk-orm", "query", "ticket_fi"], 2) == [
        "ticket_field_options",
        "ticket_fields",
    ]
    assert complete(["zendesk-orm", "query", "tickets", "statu"], 3) == ["status="]
    assert "status=new" in complete(["zendesk-orm", "query", "tickets", "status=n"], 3)
    assert complete(["zendesk-orm", "query", "tickets", "--orde"], 3) == ["--order-by"]


def test_the_script_of_completion_is_printed():
    """Each shell gets the script that enables completion."""
    for shell in ("bash", "zsh", "fish"):
        done = subprocess.run(
            COMMAND,
            env={**os.environ, "_ZENDESK_ORM_COMPLETE": f"{shell}_source"},
            capture_output=True,
            text=True,
            check=False,
        )

        assert "_ZENDESK_ORM_COMPLETE" in done.stdout
