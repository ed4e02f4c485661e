"""The columns of custom fields, which are found by the definitions of the account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from zendesk_orm.schema.definitions import Definition, Definitions
from zendesk_orm.schema.options import Options
from zendesk_orm.warehouse.descriptions import Column, Description
from zendesk_orm.warehouse.layouts import Layout, no_column


class CustomColumns:
    """The columns of the custom fields of a model.

    Args:
        layout: the names of columns.
        meta: the options of the model.
        description: the table.
        definitions: the custom fields, if they are known without a request; else None.
        find_definitions: returns the custom fields; it may send a request. None without
            custom fields.
        names: the names of the columns by id or key, if the database knows them; others are named
            by the layout.
    """

    def __init__(
        self,
        layout: Layout,
        meta: Options,
        description: Description,
        definitions: Definitions | None,
        find_definitions: Callable[[], Definitions | None],
        names: Mapping[str, str],
    ) -> None:
        self._layout, self._meta, self._description = layout, meta, description
        self._cached, self._find_definitions = definitions, find_definitions
        self._names = names

    @property
    def _has_columns(self) -> bool:
        return bool(self._names) or self._layout.custom_column is not no_column

    @cached_property
    def _definitions(self) -> Mapping[str, Definition]:
        """The custom fields by id or key as text, which may take a request."""
        definitions = self._cached if self._cached is not None else self._find_definitions()
        return {str(definition.wire): definition for definition in definitions or ()}

    def find(self, key: str) -> Definition | None:
        """Return the custom field with an id or key; None if it is not known without a request."""
        return None if self._cached is None else self._definitions.get(key)

    def fetch(self, key: str) -> Definition | None:
        """Return the custom field with an id or key, or None; it may take a request."""
        return self._definitions.get(key)

    def column_name(self, key: str) -> str:
        """Return the name that the column of a custom field should have; "" for none."""
        if self._names:
            return self._names.get(key, "")
        definition = self._definitions.get(key) if self._has_columns else None
        return "" if definition is None else self._layout.custom_column(self._meta, definition)

    def column(self, key: str) -> Column | None:
        """Return the column of a custom field by its id or key, or None."""
        if not self._has_columns:
            return None
        name = self.column_name(key)
        if not name or self._ambiguous[name] > 1:
            # Which of several fields with one title a column holds is unknown.
            return None
        column = self._description.find(name)
        return column or self._similar.get(name.replace("_", "").lower())

    @cached_property
    def _ambiguous(self) -> Counter[str]:
        """The number of fields that each name of a column stands for."""
        if self._names:
            return Counter()
        names = (
            self._layout.custom_column(self._meta, definition)
            for definition in self._definitions.values()
        )
        return Counter(names)

    @cached_property
    def _similar(self) -> Mapping[str, Column]:
        """The columns by their names without underscores, those that are unique."""
        columns = {column.name: column for column in self._description.columns.values()}
        plain = {name: name.replace("_", "").lower() for name in columns}
        counts = Counter(plain.values())
        return {key: columns[name] for name, key in plain.items() if counts[key] == 1}

    @cached_property
    def pairs(self) -> list[tuple[Definition, Column]]:
        """The custom fields that have a column, as far as they are known without a request."""
        if self._cached is None or not self._has_columns:
            return []
        pairs = ((definition, self.column(str(definition.wire))) for definition in self._cached)
        return [(definition, column) for definition, column in pairs if column is not None]

    @property
    def is_complete(self) -> bool:
        """Whether each custom field has a column."""
        definitions: Any = self._cached or ()
        return len(self.pairs) == sum(1 for _ in definitions)
