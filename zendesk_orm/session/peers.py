"""Records that came in one page: what one of them points to is fetched for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from weakref import ref

from zendesk_orm.plan.plan import CHUNK
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import Hollow


if TYPE_CHECKING:
    from zendesk_orm.session.session import Session


class Peers:
    """The source of a page's records, and of the hollow ones that they point to.

    A loop over tickets that reads `ticket.requester.name` would make a request
    for each. The first of them that has to be fetched brings those of its peers
    along: one request for the page, asked for by nobody.
    """

    __slots__ = ("_records", "session")

    def __init__(self, session: Session) -> None:
        self.session = session
        self._records: list[ref[Record]] = []

    @property
    def alias(self) -> str:
        """The account's name."""
        return self.session.alias

    def join(self, records: Iterable[Record]) -> None:
        """Make these the records of the page; they are held weakly."""
        self._records = [ref(record) for record in records]

    def refer(self, model: type[Any], pk: Any) -> Any:
        """Return the record of that id, without a request; it loads through its peers."""
        return self.session.refer(model, pk, source=self)

    def load(self, record: Record) -> None:
        """Fetch the whole row, together with those that the peers point to likewise.

        Raises:
            ObjectDoesNotExist: the model's own `DoesNotExist`.
        """
        if type(record._row) is Hollow:
            ids = self._pointed_to(record)
            if len(ids) > 1:
                self.session.many(type(record), ids)
        if type(record._row) is Hollow:
            self.session.load(record)

    def _pointed_to(self, record: Record) -> list[Any]:
        """Return the id of the record, and what the same relations of its peers point to."""
        peers = [peer for peer in (entry() for entry in self._records) if peer is not None]
        ids: dict[Any, None] = {record.pk: None}
        for relation in peers[0]._meta.relations.values() if peers else ():
            if relation.model is type(record):
                pointed = dict.fromkeys(peer._row.get(relation.id.wire) for peer in peers)
                ids.update(pointed if record.pk in pointed else {})
        return [pk for pk in ids if pk is not None][:CHUNK]
