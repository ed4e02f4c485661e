"""Warehouses with the rows of an emulated account, in each engine."""

from __future__ import annotations

import os
from importlib.util import find_spec

import duckdb
import psycopg
import pytest

from tests.services.postgres_server import PostgresServer
from tests.warehouse.loading import LOADERS, MODELS, load_rows
from zendesk_orm import connect, connect_warehouse


#: The engines that the tests run on. Spark is installed by scripts/spark only.
ENGINES = ("duckdb", "postgres", *(["spark"] if find_spec("pyspark") else []))
SUBJECTS = (
    "Stra\u00dfe nach \u0130stanbul",
    "STRASSE \u00c9COLE",
    "\ufb01re on two\nlines",
    "\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2 \u0661\u0662",
    "caf\u00e9\u00a0au lait 12\n",
    "100% [sure] \\ a_b",
    "K\u017eelvin \u212a",
    "a" * 300,
)


class Rows(dict):
    """Rows by model; hypothesis shows the arguments of a failure, which must be short."""

    def __repr__(self):
        return "<rows>"


@pytest.fixture
def demo():
    """An account with demonstration data, of which exports withhold nothing."""
    account = connect("emulator://?seed=demo")
    account.transport.clock.sleep(61)
    return account


@pytest.fixture(scope="session")
def demo_rows():
    """The rows of the demo account by model; each fifth ticket only, to be fast."""
    connect("emulator://?seed=demo", alias="demo-of-warehouses")
    rows = Rows(
        (model, [dict(record._row) for record in model.objects.using("demo-of-warehouses").scan()])
        for model in MODELS
    )
    tickets = MODELS[0]
    rows[tickets] = rows[tickets][::5]
    # Letters whose lower case is not simple, and texts that patterns of databases read otherwise.
    for place, subject in enumerate(SUBJECTS):
        rows[tickets][place * 7]["subject"] = subject
    return rows


@pytest.fixture(scope="session")
def duckdb_databases(demo_rows):
    """Connections to DuckDB by the name of the loader."""
    databases = {}
    for name, loader in LOADERS.items():
        databases[name] = duckdb.connect()
        load_rows(databases[name].cursor(), "duckdb", loader, demo_rows)
    yield databases
    for database in databases.values():
        database.close()


@pytest.fixture(scope="session")
def postgres_dsn():
    """The address of a Postgres server, which is `POSTGRES_DSN` if it is set."""
    if "POSTGRES_DSN" in os.environ:
        yield os.environ["POSTGRES_DSN"]
        return
    server = PostgresServer()
    yield server.dsn
    server.stop()


@pytest.fixture(scope="session")
def postgres_databases(postgres_dsn, demo_rows):
    """Connections to Postgres by the name of the loader, each to a separate schema."""
    databases = {}
    for name, loader in LOADERS.items():
        schema = f"{name}_{os.getpid()}"
        database = psycopg.connect(
            postgres_dsn, autocommit=True, options=f"-c search_path={schema}"
        )
        database.execute(f"CREATE SCHEMA {schema}")
        load_rows(database.cursor(), "postgres", loader, demo_rows)
        databases[name] = database
    yield databases
    for name, database in databases.items():
        database.execute(f"DROP SCHEMA {name}_{os.getpid()} CASCADE")
        database.close()


@pytest.fixture(scope="session")
def spark():
    """A Spark session in this process; its zone is the only setting that the library needs."""
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.ui.enabled": "false",
        # With the default of 1 GB, a long test run spends its time collecting garbage.
        "spark.driver.memory": "3g",
        # Compiling a statement to Java takes longer than running it on a few rows.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    }
    builder = pytest.importorskip("pyspark.sql").SparkSession.builder.master("local[1]")
    session = builder.config(map=settings).getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="session")
def spark_databases(spark, duckdb_databases, tmp_path_factory):
    """Spark sessions by the name of the loader, each with views of Parquet files."""
    sessions = {}
    for name, database in duckdb_databases.items():
        sessions[name] = spark.newSession()
        folder = tmp_path_factory.mktemp(name)
        for (table,) in database.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            path = folder / f"{table}.parquet"
            database.execute(f"COPY \"{table}\" TO '{path}'")
            sessions[name].read.parquet(str(path)).createOrReplaceTempView(table)
    return sessions


@pytest.fixture(params=ENGINES)
def warehouses(request):
    """Warehouses by the name of the loader, with a live account without rows."""
    databases = request.getfixturevalue(f"{request.param}_databases")
    connect("emulator://")
    return {
        name: connect_warehouse(database, layout=LOADERS[name].layout, alias=name)
        for name, database in databases.items()
    }
