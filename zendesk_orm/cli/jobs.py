"""`zendesk-orm jobs`: lists, shows and waits for background jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from attrs import asdict

from zendesk_orm.account import Account
from zendesk_orm.cli.accounts import get_account
from zendesk_orm.cli.failures import FAILURE
from zendesk_orm.cli.formatting import iterate_json
from zendesk_orm.cli.options import (
    AccountChoice,
    IntegerBetween,
    accept_account,
    command,
    json_option,
)
from zendesk_orm.cli.output import Output
from zendesk_orm.errors import JobTimeout
from zendesk_orm.http.clock import pause
from zendesk_orm.progress import Progress
from zendesk_orm.write.bulk.jobs import Job, intervals, iterate_jobs


_COLUMNS = ("id", "job_type", "status", "progress", "total", "message")
#: The columns of a table of results that are shown first.
_RESULT_COLUMNS = ("index", "id", "action", "status", "success", "error", "details", "errors")
_DAY = 86_400


@command(
    examples=[
        "zendesk-orm jobs",
        "zendesk-orm jobs --json",
        "zendesk-orm jobs 8b726e606741012ffc2d782bcb7848fe --wait --timeout 600",
    ]
)
@click.argument("job_id", required=False, metavar="[ID]")
@click.option("--wait", is_flag=True, help="wait until the job has ended")
@click.option(
    "--timeout",
    type=IntegerBetween(1, _DAY),
    default=3600,
    show_default=True,
    help="seconds to wait",
)
@json_option
@accept_account
@click.pass_obj
def jobs(
    output: Output,
    choice: AccountChoice,
    job_id: str | None,
    timeout: int,
    *,
    wait: bool,
    as_json: bool,
) -> int:
    """List the background jobs of the last day, or show one with its results.

    With --wait, the command returns when the job has ended. The exit code is 1 if the job failed.
    """
    if wait and job_id is None:
        raise click.UsageError("--wait needs the ID of a job; zendesk-orm jobs lists them")
    account = get_account(choice)
    if job_id is None:
        _list_jobs(output, account, as_json=as_json)
        return 0
    job = Job.load(job_id, account.alias)
    if wait and not job.ended:
        with output.show_progress(f"job {job.id}") as report:
            _wait(account, job, timeout, report)
    if as_json:
        values = asdict(job)
        del values["using"]
        output.write_json(values)
    else:
        _show_job(output, job)
    return FAILURE if job.ended and job.status != "completed" else 0


def _list_jobs(output: Output, account: Account, *, as_json: bool) -> None:
    rows = iterate_jobs(account.transport)
    if as_json:
        for part in iterate_json(rows):
            output.write(part, end="")
        output.write("")
        return
    output.write_table(_COLUMNS, ([row.get(name) for name in _COLUMNS] for row in rows))


def _wait(account: Account, job: Job, timeout: int, report: Any) -> None:
    """Wait until a job has ended, and report its progress.

    Raises:
        JobTimeout: it has not ended after `timeout` seconds.
    """
    waited = 0.0
    for interval in intervals():
        if report is not None:
            report(Progress(job.progress or 0, 0, job.total, 1))
        if job.ended:
            return
        if waited >= timeout:
            raise JobTimeout(
                f"job {job.id} is {job.status} after {timeout} s and continues at Zendesk: wait "
                "again, or pass a longer --timeout"
            )
        seconds = min(interval, timeout - waited)
        pause(account.transport.clock, seconds)
        waited += seconds
        job.refresh()


def _show_job(output: Output, job: Job) -> None:
    finished = None if job.total is None else f"{job.progress or 0} of {job.total}"
    output.write_fields(
        {"Job": job.id, "Status": job.status, "Finished": finished, "Message": job.message}
    )
    results = job.results if isinstance(job.results, list) else []
    rows = [result for result in results if isinstance(result, Mapping)]
    if not rows:
        return
    names = dict.fromkeys(name for row in rows for name in row)
    columns = [name for name in _RESULT_COLUMNS if name in names]
    columns += [name for name in names if name not in columns]
    output.write("")
    output.write_table(columns, ([row.get(name) for name in columns] for row in rows))
