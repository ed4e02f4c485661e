"""`F`: another field of the same row, where a value would stand."""

from __future__ import annotations

from attrs import evolve, frozen


@frozen
class F:
    """A field of the same row: `filter(updated_at__gt=F("created_at"))`.

    No endpoint of Zendesk compares fields, so such a filter runs over rows
    that are read: by id, in a short list, or with `.scan()`.

    In an update of a list it says what to add or take away, which overwrites
    nothing that others have added: `update(tags=F("tags") + ["vip"] - ["new"])`.

    Attributes:
        name: the field.
        added, removed: members, in an update.
    """

    name: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __add__(self, members: list[str]) -> F:
        return evolve(self, added=(*self.added, *members))

    def __sub__(self, members: list[str]) -> F:
        return evolve(self, removed=(*self.removed, *members))
