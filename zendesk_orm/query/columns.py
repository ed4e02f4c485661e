"""`ColumnSelection`: the fields that `only()` and `defer()` have selected."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve, frozen

from zendesk_orm.schema.options import Options


@frozen
class ColumnSelection:
    """The columns that `only()` and `defer()` have selected.

    Attributes:
        names: the fields of `only()`; () for all.
        deferred: the fields of `defer()`.
    """

    names: tuple[str, ...] = ()
    deferred: tuple[str, ...] = ()

    def only(self, names: Iterable[str]) -> ColumnSelection:
        """Return the selection of some fields, without those of earlier calls, as in Django."""
        return ColumnSelection(tuple(names))

    def defer(self, names: tuple[str, ...]) -> ColumnSelection:
        """Return the selection without some fields; no fields restore all of them."""
        if not names:
            return evolve(self, deferred=())
        remaining = tuple(name for name in self.names if name not in names)
        return ColumnSelection(remaining, (*self.deferred, *names))

    def find_names(self, meta: Options) -> set[str] | None:
        """Return the names of the selected fields and relations; None for all of them.

        A value inside another one (`via__channel`) selects the field, and defers nothing.
        """
        if self.names:
            return {name.partition("__")[0] for name in self.names}
        return {*meta.fields} - {*self.deferred} if self.deferred else None


#: The selection of queries without `only()` and `defer()`.
ALL_COLUMNS = ColumnSelection()
