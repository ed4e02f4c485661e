"""The programs in examples/ that run over an account and over databases."""

from __future__ import annotations

import psycopg
import pytest

from examples.analyses import figures, sample
from examples.warehouses import one_program
from tests.warehouse.conftest import ENGINES
from zendesk_orm import connect, connections


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_one_program_has_the_same_output_over_each_database(engine, request, tmp_path):
    """Only `using()` differs between Zendesk, two layouts in DuckDB, Postgres and Spark."""
    account = connect("emulator://?seed=demo")
    database = one_program.copy_to_duckdb(account)
    names = ["native", "fivetran"]
    if engine == "postgres":
        connection = psycopg.connect(request.getfixturevalue("postgres_dsn"))
        request.addfinalizer(connection.close)
        request.addfinalizer(connection.commit)
        request.addfinalizer(lambda: connection.execute("DROP SCHEMA zendesk CASCADE"))
        one_program.copy_to_postgres(database, connection)
        names = ["postgres"]
    elif engine == "spark":
        session = request.getfixturevalue("spark").newSession()
        one_program.copy_to_spark(database, session, tmp_path)
        names = ["spark"]
    expected = one_program.report("default")
    before = account.requests_sent

    assert [one_program.report(name) for name in names] == [expected] * len(names)
    assert account.requests_sent == before
    assert "404 tickets wait" in expected


@pytest.mark.slow
def test_analyses_of_an_account_and_of_its_mirror_are_equal(count_requests):
    """The figures are those of the account, without a request, and not empty."""
    sample.create_account()
    figures.create_mirror()
    account = connections["default"]
    analyses = (
        figures.average_times,
        figures.count_backlog,
        figures.count_reopened,
        figures.rate_satisfaction,
    )
    expected = [analysis() for analysis in analyses]

    with count_requests(account, 0):
        assert [analysis("mirror") for analysis in analyses] == expected
    times, backlog, reopened, satisfaction = expected
    assert sum(row["tickets"] for row in times) == sample.TICKETS
    assert {row["group"] for row in satisfaction} == {*sample.GROUPS}
    assert len(backlog) == sample.DAYS + 1
    assert sum(row["reopened"] for row in reopened) > 0
