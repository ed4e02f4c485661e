"""Warehouses with the rows of an emulated account."""

from __future__ import annotations

import duckdb
import pytest

from tests.warehouse.loading import LOADERS, MODELS, load_rows
from zendesk_orm import connect, connect_warehouse


class Rows(dict):
    """Rows by model; hypothesis shows the arguments of a failure, which must be short."""

    def __repr__(self):
        return "<rows>"


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
    return rows


@pytest.fixture(scope="session")
def databases(demo_rows):
    """Connections to DuckDB by the name of the loader."""
    databases = {}
    for name, loader in LOADERS.items():
        databases[name] = duckdb.connect()
        load_rows(databases[name].cursor(), "duckdb", loader, demo_rows)
    yield databases
    for database in databases.values():
        database.close()


@pytest.fixture
def warehouses(databases):
    """Warehouses by the name of the loader, with a live account without rows."""
    connect("emulator://")
    return {
        name: connect_warehouse(database, layout=LOADERS[name].layout, alias=name)
        for name, database in databases.items()
    }
