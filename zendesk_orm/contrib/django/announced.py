"""`DjangoAnnounced`: the changes that were announced, in the database of the project."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.db import router, transaction
from django.db.models import Max

from zendesk_orm.sync.announced import CAPACITY, LEASE, Mark, Moments, find_match


#: Characters of keys and facts that are stored as they are.
_MAX_TEXT = 200
#: The start of the facts that are times of `set_time()`.
_TIME = "time "
#: Changes between two deletions of old rows.
_CLEAN_EVERY = 500


class DjangoAnnounced:
    """Remembers announced changes in tables of the project, which all processes share.

    Web servers that receive webhooks and `manage.py zendesk_watch` announce each change once. Run
    `manage.py migrate` to create the tables.

    Args:
        account: the alias of the account.
        using: the alias of the database; that of the project's routers by default.
        capacity: the number of changes that are remembered.
    """

    def __init__(
        self, account: str = "default", using: str | None = None, capacity: int = CAPACITY
    ) -> None:
        self._account, self._using, self._capacity = account, using, capacity
        self._count = 0

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._account} in {self._using or 'the default'}>"

    def _select(self, name: str) -> Any:
        """Return the rows of the account in a table."""
        model = apps.get_model("zendesk_orm", name)
        using = self._using or router.db_for_write(model)
        return model.objects.using(using).filter(account=self._account)

    def claim(self, key: str, now: float) -> str:
        """Return whether the caller is to announce a change; see `AnnouncedStore`."""
        rows, until, key = self._select("AnnouncedChange"), now + LEASE, _digest(key)
        change, is_new = rows.get_or_create(
            account=self._account, key=key, defaults={"until": until, "is_done": False}
        )
        if is_new:
            return "mine"
        if change.is_done:
            return "done"
        # Of several processes, one replaces an expired claim.
        expired = rows.filter(key=key, is_done=False, until=change.until, until__lte=now)
        return "mine" if expired.update(until=until) else "busy"

    def find_repeats(self, keys: Collection[str]) -> frozenset[str]:
        """Return the keys of changes that were announced."""
        originals = {_digest(key): key for key in keys}
        rows = self._select("AnnouncedChange").filter(key__in=list(originals), is_done=True)
        return frozenset(originals[key] for key in rows.values_list("key", flat=True))

    def release(self, key: str) -> None:
        """Give a claim back, after a failure."""
        self._select("AnnouncedChange").filter(key=_digest(key), is_done=False).delete()

    def find_new(self, facts: Collection[str], stream: str, moment: float | None) -> frozenset[str]:
        """Return the facts that no other stream has announced."""
        return frozenset(
            fact for fact in facts if find_match(self._marks(fact), stream, moment) is None
        )

    def record(self, key: str, facts: Moments, stream: str, now: float) -> None:
        """Remember a change after it was announced."""
        changes, marks = self._select("AnnouncedChange"), self._select("AnnouncedFact")
        with transaction.atomic(using=changes.db):
            changes.update_or_create(
                account=self._account, key=_digest(key), defaults={"until": now, "is_done": True}
            )
            for fact, moment in facts.items():
                mark = find_match(self._marks(fact), stream, moment)
                if mark is None:
                    streams = json.dumps([stream])
                    marks.create(
                        account=self._account, fact=_digest(fact), moment=moment, streams=streams
                    )
                else:
                    streams = json.dumps(sorted({*mark.streams, stream}))
                    marks.filter(pk=mark.id).update(streams=streams)
        self._count += 1
        if self._count % _CLEAN_EVERY == 0:
            self._clean()

    def latest(self, fact: str) -> float | None:
        """Return the latest moment of a fact, or None if it is not remembered."""
        rows = self._select("AnnouncedFact").filter(fact=_digest(fact))
        moment: float | None = rows.aggregate(latest=Max("moment"))["latest"]
        return moment

    def set_time(self, name: str, seconds: float) -> None:
        """Remember a time, unless a later one is remembered."""
        rows, fact = self._select("AnnouncedFact"), f"{_TIME}{name}"
        with transaction.atomic(using=rows.db):
            latest = max(seconds, self.latest(fact) or seconds)
            # A new row, so that the oldest ones are deleted first.
            rows.filter(fact=_digest(fact)).delete()
            rows.create(account=self._account, fact=_digest(fact), moment=latest, streams="[]")

    def get_time(self, name: str) -> float | None:
        """Return a remembered time, or None."""
        return self.latest(f"{_TIME}{name}")

    def _marks(self, fact: str) -> list[Mark]:
        rows = self._select("AnnouncedFact").filter(fact=_digest(fact)).order_by("pk")
        values = rows.values_list("pk", "moment", "streams")
        return [Mark(fact, moment, set(json.loads(streams)), pk) for pk, moment, streams in values]

    def _clean(self) -> None:
        """Delete the oldest rows beyond the capacity."""
        for name in ("AnnouncedChange", "AnnouncedFact"):
            rows = self._select(name)
            numbers = rows.order_by("-pk").values_list("pk", flat=True)
            for number in numbers[self._capacity : self._capacity + 1]:
                rows.filter(pk__lte=number).delete()


def _digest(text: str) -> str:
    """Return a text as it is stored: a long one, which may contain a value, by its digest."""
    return text if len(text) <= _MAX_TEXT else hashlib.sha256(text.encode()).hexdigest()
