"""Names of tables and schemas in SQL, as each dialect spells them."""

from __future__ import annotations

from attrs import frozen
from sqlglot import exp

from zendesk_orm.warehouse.layouts import Layout


#: Dialects that change names without quotes to upper case.
_UPPER = frozenset({"snowflake"})


@frozen
class Schema:
    """The schema of the tables of a layout.

    Attributes:
        catalog: the catalog, database or project; None for the current one.
        name: the schema; None for the current one.
    """

    catalog: str | None
    name: str | None

    @classmethod
    def of(cls, layout: Layout) -> Schema:
        """Return the schema of a layout."""
        catalog, _, name = (layout.schema or "").rpartition(".")
        return cls(catalog or None, name or None)


def to_table(layout: Layout, name: str, dialect: str) -> exp.Table:
    """Return a table of a layout, in its schema."""
    schema = Schema.of(layout)
    return exp.Table(
        this=to_identifier(name, dialect),
        db=None if schema.name is None else to_identifier(schema.name, dialect),
        catalog=None if schema.catalog is None else to_identifier(schema.catalog, dialect),
    )


def to_identifier(name: str, dialect: str) -> exp.Identifier:
    """Return the quoted name of a table or schema."""
    # Loaders create tables without quotes, which have names in upper case in Snowflake.
    name = name.upper() if dialect in _UPPER and name.islower() else name
    return exp.to_identifier(name, quoted=True)
