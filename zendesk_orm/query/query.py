"""`Query`: what is asked, as one frozen value."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from attrs import evolve, field, frozen

from zendesk_orm.errors import FieldError
from zendesk_orm.http.values import shortened
from zendesk_orm.query.f import F
from zendesk_orm.query.predicate import (
    Every,
    Predicate,
    Subquery,
    Term,
    alternatives,
    both,
    conditions,
    conjuncts,
    described,
    intersected,
    simple,
)
from zendesk_orm.query.q import Q
from zendesk_orm.query.shape import Shape, relations_of
from zendesk_orm.schema.arguments import require_name
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.options import Options


@frozen(repr=False)
class Query:
    """What is asked of a model.

    Attributes:
        model: the model class.
        where: the predicate.
        order: fields to order by, `-` for descending; () for the endpoint's own order.
        id_order: ids in the order of the rows, where `order` names no field.
        start, stop: the window, as of a slice; stop None for no end.
        related: relations to side-load.
        embedded: relations to many whose rows come within each row, if the endpoint can.
        fresh: True to see no index lag, at the price of archived rows.
        page_size: rows a page, or None for what suits.
        budget: requests that it may cost, or None.
        scan: True when more rows may be read than are asked for, to be compared here.
        scan_limit: how many, or None for any number.
        streamed: True when rows are read once and not kept.
        together: True when a list of ids is requested as a list, even if it has one id.
        strict: True when nothing may be fetched by touching a row.
        origin: the model and relation of the one object whose related rows these are, and the
            relation back; "" if the rows are found otherwise.
        shape: what each row is given as; None for objects.
        distinct: of what the first row of each combination is wanted; None for all rows.
        nothing: True for `none()`.
        owners: where the objects come from that were given as values: the query can be asked
            of their account only.
    """

    model: Any
    where: Predicate = Every()
    order: tuple[str, ...] = ()
    id_order: tuple[Any, ...] = ()
    start: int = 0
    stop: int | None = None
    related: tuple[str, ...] = ()
    embedded: tuple[str, ...] = ()
    fresh: bool = False
    page_size: int | None = None
    budget: int | None = None
    scan: bool = False
    scan_limit: int | None = None
    streamed: bool = False
    together: bool = False
    strict: bool = False
    origin: tuple[str, str, str] | None = None
    shape: Shape | None = None
    distinct: Shape | None = None
    nothing: bool = field(default=False)
    owners: tuple[Any, ...] = field(default=(), eq=False, repr=False)

    @classmethod
    def of(cls, model: Any) -> Query:
        """Return the query for all rows of a model, in the model's order."""
        whole = cls(model).ordered(model._meta.ordering)
        fixed: dict[str, Any] = model._meta.filter
        return whole.filtered(Q(**fixed)) if fixed else whole

    @property
    def meta(self) -> Options:
        """The model's options."""
        options: Options = self.model._meta
        return options

    @property
    def read(self) -> Query:
        """The query whose rows are read: more than its own, if some are chosen or ordered here."""
        if self.distinct is not None:
            whole = evolve(self, distinct=None, start=0, stop=None)
            return whole.including(relations_of(self.meta, self.distinct.names)).read
        if self.id_order and not self.order:
            return evolve(self, id_order=(), start=0, stop=None)
        return self

    @property
    def rows(self) -> int | None:
        """How many rows the window holds at most, or None when it has no end."""
        return None if self.stop is None else self.stop - self.start

    @property
    def windowed(self) -> bool:
        """Whether a slice was taken."""
        return self.start > 0 or self.stop is not None

    @property
    def alternatives(self) -> tuple[tuple[Term, ...], ...] | None:
        """The predicate as alternatives that can match, or None when there are too many."""
        found = alternatives(self.where)
        if found is None:
            return None
        lists = {f.name for f in self.meta.get_fields() if f.kind.absent is not None}
        kept = (intersected(terms, lists, self._key) for terms in found)
        return tuple(terms for terms in kept if terms is not None)

    def _key(self, name: str, value: Any) -> Any:
        return column(self.meta.get_field(name)).key(value)

    @property
    def terms(self) -> tuple[Term, ...] | None:
        """The terms that all have to hold, or None when there are several alternatives."""
        found = self.alternatives
        return found[0] if found is not None and len(found) == 1 else None

    @property
    def conjuncts(self) -> tuple[Term, ...]:
        """The terms that all have to hold, beside which there may be alternatives."""
        if self.terms is not None or self.alternatives == ():
            return self.terms or ()
        return tuple(filter(None, (simple(part) for part in conjuncts(self.where))))

    @property
    def empty(self) -> bool:
        """Whether it is known without asking that no row matches."""
        return self.nothing or self.alternatives == ()

    @property
    def ids(self) -> tuple[Any, ...] | None:
        """The ids that the rows are among, when the predicate names them."""
        return self.among("id") or None

    def named_ids(self, beside: Collection[str] = ()) -> tuple[Any, ...] | None:
        """Return the ids of all rows, if the predicate says nothing else; None if it does.

        Args:
            beside: fields and relations that the predicate may fix, too, because the path to the
                rows names them.
        """
        terms = None if self.windowed or self.nothing else self.terms
        for term in terms or ():
            condition = term.condition
            plain = not isinstance(condition.value, (F, Subquery)) and not term.negated
            ops = ("exact", "in") if condition.name == "id" else ("exact",)
            if not plain or condition.op not in ops or condition.name not in ("id", *beside):
                return None
        return self.ids if terms else None

    def embedded_by(self, includes: Collection[str]) -> tuple[str, ...]:
        """Return the relations to many whose rows come within each row of an endpoint."""
        return tuple(name for name in self.embedded if name in includes)

    def among(self, name: str) -> tuple[Any, ...]:
        """Return the values that a field is among, when the predicate names them; else ()."""
        for term in self.conjuncts:
            named = term.condition
            if named.name != name or term.negated or named.op not in ("exact", "in"):
                continue
            if isinstance(named.value, tuple):
                return named.value
            # Only explain() comes here with a subquery: when rows are read, its values are known.
            if not isinstance(named.value, F):
                return (named.value,)
        return ()

    @property
    def fixed(self) -> dict[str, Any]:
        """The values that the predicate fixes exactly, by field."""
        return {
            term.condition.name: term.condition.value
            for term in self.conjuncts
            if term.condition.op == "exact"
            and not term.negated
            and not isinstance(term.condition.value, F)
        }

    def filtered(self, q: Q, *, negated: bool = False) -> Query:
        """Return the query with a further condition."""
        where = (~q if negated else q).resolve(self.model)
        found = tuple(owner for each in conditions(where) for owner in each.owners)
        return evolve(self, where=both(self.where, where), owners=(*self.owners, *found))

    def ordered(self, names: tuple[str, ...]) -> Query:
        """Return the query with this order instead.

        Raises:
            FieldError: a field that the model does not have.
        """
        order = []
        for name in map(require_name, names):
            plain = name.lstrip("-+")
            if plain.partition("__")[0] in self.meta.relations and "__" in plain:
                raise FieldError(
                    f"order_by({name!r}): rows are ordered by fields of {self.meta.object_name} "
                    "itself; sort them with sorted(rows, key=...)"
                )
            found = self.meta.get_field(plain)
            order.append(f"-{found.name}" if name.startswith("-") else found.name)
        return evolve(self, order=tuple(order), id_order=())

    def including(self, names: tuple[str, ...]) -> Query:
        """Return the query with relations to side-load.

        Raises:
            FieldError: no relation of that name.
        """
        for name in map(require_name, names):
            if name in self.meta.relations:
                continue
            first = name.partition("__")[0]
            if hasattr(getattr(self.model, first, None), "gather") or (
                first != name and first in self.meta.relations
            ):
                raise FieldError(
                    f"select_related() reads one object each, of {self.meta.object_name} itself; "
                    f"use prefetch_related({name!r})"
                )
            self.meta.get_field(name)
            raise FieldError(f"{name} is not a relation of {self.meta.object_name}")
        return evolve(self, related=tuple(dict.fromkeys((*self.related, *names))))

    def window(self, start: int, stop: int | None) -> Query:
        """Return the query narrowed to a slice of its own window."""
        low = self.start + start
        high = self.stop if stop is None else self.start + stop
        if self.stop is not None and high is not None:
            high = min(high, self.stop)
        if high is not None and high <= low:
            return evolve(self, start=low, stop=low, nothing=True)
        return evolve(self, start=low, stop=high)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {shortened(str(self))}>"

    def __str__(self) -> str:
        parts = [described(self.where)] if self.where != Every() else []
        if self.order:
            parts.append(f"order by {', '.join(self.order)}")
        if self.windowed:
            parts.append(f"rows {self.start}:{'' if self.stop is None else self.stop}")
        if self.shape is not None:
            parts.append(f"only {', '.join(self.shape.names)}")
        if self.distinct is not None:
            parts.append(f"distinct {', '.join(self.distinct.names)}")
        if self.fresh:
            parts.append("fresh")
        return f"{self.meta.object_name}: {'; '.join(parts) or 'all'}"
