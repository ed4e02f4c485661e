"""`F`: another field of the same row, where a value would stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import frozen

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import shortened


@frozen(repr=False)
class F:
    """A field of the same row: `filter(updated_at__gt=F("created_at"))`.

    No endpoint of Zendesk compares fields, so such a filter runs here, over
    rows that are read by id or from a short list; elsewhere it is refused.

    Attributes:
        name: the field.
    """

    name: str

    def __repr__(self) -> str:
        return f"F({self.name!r})"

    def __add__(self, values: Iterable[str]) -> Joined:
        """Return the field with values added: `update(tags=F("tags") + ["seen"])`."""
        return Joined(self.name) + values

    def __sub__(self, values: Iterable[str]) -> Joined:
        """Return the field with values removed."""
        return Joined(self.name) - values


@frozen(repr=False)
class Joined:
    """A list field with values added to it and removed from it, whatever it holds.

    Attributes:
        name: the field.
        added, removed: the values.
    """

    name: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return the expression that makes an equal one, unless it is too long to show."""
        added = f" + {list(self.added)}" if self.added else ""
        removed = f" - {list(self.removed)}" if self.removed else ""
        return shortened(f"F({self.name!r}){added}{removed}")

    def __add__(self, values: Iterable[str]) -> Joined:
        new = _several(self.name, "+", values)
        removed = tuple(each for each in self.removed if each not in new)
        return Joined(self.name, (*self.added, *new), removed)

    def __sub__(self, values: Iterable[str]) -> Joined:
        gone = _several(self.name, "-", values)
        added = tuple(each for each in self.added if each not in gone)
        return Joined(self.name, added, (*self.removed, *gone))


def _several(name: str, sign: str, values: Iterable[str]) -> tuple[str, ...]:
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise InvalidValue(
            f"F({name!r}) {sign} {values!r:.60}: only a list can be added or removed, as in "
            "update(tags=F('tags') + ['seen']); Zendesk computes no other values"
        )
    return tuple(values)
