"""`F`: a field of the same row, used as a value."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import is_list
from zendesk_orm.messages import display, shorten
from zendesk_orm.query.operators import reject_operators


#: The operators that fields lack, used as values, with what to write instead.
_reject_operators = reject_operators(
    arithmetic="Zendesk computes no values except lists, as in update(tags=F('tags') + ['seen'])",
    comparisons="compare fields in keywords, as in filter(updated_at__gt=F('created_at'))",
    logical="combine conditions, as in Q(status='new') | Q(tags='vip')",
    inversion="negate a condition, as in ~Q(updated_at=F('created_at'))",
)


@_reject_operators
@frozen(repr=False)
class F:
    """A field of the same row, used as a value: `filter(updated_at__gt=F("created_at"))`.

    No endpoint of Zendesk compares two fields, so such a filter is evaluated client-side, over
    rows that are read by id or from a short list. Other queries raise `NoEndpoint`.

    >>> Group.objects.filter(updated_at__gt=F("created_at")).count()
    0

    In `update()`, it adds tags to tickets or removes them: `update(tags=F("tags") + ["vip"])`.

    Attributes:
        name: the field.
    """

    name: str

    def __repr__(self) -> str:
        return shorten(f"F({self.name!r})")

    def __add__(self, values: Iterable[str]) -> Joined:
        """Return the field with values added: `update(tags=F("tags") + ["seen"])`."""
        return Joined(self.name) + values

    def __sub__(self, values: Iterable[str]) -> Joined:
        """Return the field with values removed."""
        return Joined(self.name) - values


@_reject_operators
@frozen(repr=False)
class Joined:
    """A list field with values added and removed, whatever its present value is.

    Attributes:
        name: the field.
        added, removed: the values.
    """

    name: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return an expression that evaluates to an equal value, shortened if it is long."""
        added = f" + {list(self.added)}" if self.added else ""
        removed = f" - {list(self.removed)}" if self.removed else ""
        return shorten(f"F({self.name!r}){added}{removed}")

    def __add__(self, values: Iterable[str]) -> Joined:
        added = _require_list(self.name, "+", values)
        removed = tuple(value for value in self.removed if value not in added)
        return Joined(self.name, (*self.added, *added), removed)

    def __sub__(self, values: Iterable[str]) -> Joined:
        removed = _require_list(self.name, "-", values)
        added = tuple(value for value in self.added if value not in removed)
        return Joined(self.name, added, (*self.removed, *removed))


def _require_list(name: str, sign: str, values: Iterable[str]) -> tuple[str, ...]:
    # Adding a QuerySet would send requests, for rows instead of tags.
    if not is_list(values) or hasattr(values, "query"):
        raise InvalidValue(
            f"F({display(name)}) {sign} {display(values)}: only a list can be added or removed, "
            "as in update(tags=F('tags') + ['seen']); Zendesk computes no other values"
        )
    return tuple(values)
