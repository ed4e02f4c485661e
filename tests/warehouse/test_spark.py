"""Spark, which only scripts/spark installs: sessions, zones, schemas and errors."""

from __future__ import annotations

import time
from datetime import datetime, timezone

import ibis
import pytest

from zendesk_orm import ConfigurationError, DatabaseError, NoEndpoint, Ticket, connect_warehouse
from zendesk_orm.warehouse import layouts


#: Summer and winter, and both hours of the night in which New York sets its clocks back.
MOMENTS = [
    datetime(2026, 7, 1, 12, 30, 15, tzinfo=timezone.utc),
    datetime(2026, 1, 1, tzinfo=timezone.utc),
    datetime(2026, 11, 1, 5, 30, tzinfo=timezone.utc),
    datetime(2026, 11, 1, 6, 30, tzinfo=timezone.utc),
]


@pytest.fixture
def zone(monkeypatch):
    """The zone of the process, in which PySpark returns moments."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield "America/New_York"
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(scope="module")
def session(spark):
    """A session with a saved table of tickets in a schema."""
    session = spark.newSession()
    session.sql("CREATE SCHEMA zendesk")
    session.sql(
        """CREATE TABLE zendesk.tickets (id BIGINT, created_at TIMESTAMP, updated_at TIMESTAMP_NTZ,
            subject STRING, tags ARRAY<STRING>, via STRING, custom_fields STRING) USING parquet"""
    )
    for pk, moment in enumerate(MOMENTS, 1):
        text = moment.strftime("%Y-%m-%d %H:%M:%S")
        session.sql(
            f"""INSERT INTO zendesk.tickets VALUES ({pk}, TIMESTAMP '{text}Z',
                TIMESTAMP_NTZ '{text}', 'It''s \\\\ {pk}%', ARRAY('vip'), NULL, NULL)"""
        )
    yield session
    session.sql("DROP SCHEMA zendesk CASCADE")


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")
def test_moments_do_not_depend_on_the_zone_of_the_process(session, zone):
    """A session, its method and a backend of Ibis return the same moments in every zone."""
    backend = ibis.pyspark.connect(session)
    for connection in (session, session.sql, backend):
        connect_warehouse(connection, layout=layouts.native("zendesk"), live=None)
        tickets = Ticket.objects.using("warehouse").order_by("id")

        assert [ticket.created_at for ticket in tickets] == MOMENTS
        assert [ticket.updated_at for ticket in tickets] == MOMENTS
        for moment in MOMENTS:
            assert tickets.get(created_at=moment).updated_at == moment
            assert tickets.get(updated_at=moment).created_at == moment
        hours = tickets.values_list("created_at__hour", flat=True)
        assert list(hours) == [12, 0, 5, 6]
        assert tickets.filter(created_at__date=MOMENTS[1].date()).count() == 1
        assert tickets.filter(subject__icontains="S \\ 3%", tags="vip").count() == 1


def test_other_zones_of_the_session_are_refused(spark, session):
    """Spark would compare moments in the zone of its session."""
    other = spark.newSession()
    other.conf.set("spark.sql.session.timeZone", "America/New_York")
    for connection in (other, other.sql):
        with pytest.raises(ConfigurationError, match=r"America/New_York; set it to UTC"):
            connect_warehouse(connection, layout=layouts.native("zendesk"), live=None)


def test_tables_that_do_not_exist_are_named(session):
    """A schema without the table, and a schema that does not exist, raise the same error."""
    for schema in ("default", "nowhere"):
        connect_warehouse(session, layout=layouts.native(schema), live=None)
        with pytest.raises(NoEndpoint, match=rf"has no table '{schema}.tickets'"):
            list(Ticket.objects.using("warehouse"))


def test_errors_of_spark_are_shortened(session):
    """The message has the first line of the error, which has hundreds."""
    connect_warehouse(session, layout=layouts.native("zendesk"), live=None)
    list(Ticket.objects.using("warehouse"))
    session.sql("ALTER TABLE zendesk.tickets RENAME TO zendesk.renamed")
    try:
        with pytest.raises(DatabaseError, match="TABLE_OR_VIEW_NOT_FOUND") as failure:
            list(Ticket.objects.using("warehouse"))
    finally:
        session.sql("ALTER TABLE zendesk.renamed RENAME TO zendesk.tickets")

    assert len(str(failure.value)) < 1000
