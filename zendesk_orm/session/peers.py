"""Records that came in one page: what one of them points to is fetched for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from weakref import ref

from zendesk_orm.errors import LazyLoadRefused
from zendesk_orm.plan.plan import CHUNK
from zendesk_orm.schema.definitions import Definitions
from zendesk_orm.schema.fields import Ref
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import Hollow
from zendesk_orm.session.sideloads import link


if TYPE_CHECKING:
    from zendesk_orm.schema.row import Row
    from zendesk_orm.session.session import Session


class Peers:
    """The source of a page's records, and of the hollow ones that they point to.

    A loop over tickets that reads `ticket.requester.name` would make a request
    for each. The first of them that has to be fetched brings those of its peers
    along: one request for the page, asked for by nobody.
    """

    __slots__ = ("_records", "session", "strict")

    def __init__(self, session: Session, *, strict: bool = False) -> None:
        self.session = session
        #: Whether nothing may be fetched by touching one of the records.
        self.strict = strict
        self._records: list[ref[Record]] = []

    @property
    def alias(self) -> str:
        """The account's name."""
        return self.session.alias

    def join(self, records: Iterable[Record]) -> None:
        """Make these the records of the page; they are held weakly."""
        self._records = [ref(record) for record in records]

    def refer(self, model: type[Any], pk: Any, known: Row | None = None) -> Any:
        """Return the record of that id, without a request; it loads through its peers."""
        return self.session.refer(model, pk, known, source=self)

    def at_hand(self, model: type[Any], pk: Any) -> Any:
        """Return the record of that id if it need not be read, or None."""
        return self.session.at_hand(model, pk)

    def definitions(self, meta: Options, scope: Mapping[str, Any]) -> Definitions:
        """Return the custom fields that the account has for a model; a request at first."""
        return self.session.definitions(meta, scope)

    def known_definitions(self, meta: Options, scope: Mapping[str, Any]) -> Definitions | None:
        """Return the same without a request, or None when they are not known."""
        return self.session.known_definitions(meta, scope)

    def load(self, record: Record) -> None:
        """Fetch the whole row, together with those that the peers point to likewise.

        Raises:
            ObjectDoesNotExist: the model's own `DoesNotExist`.
            LazyLoadRefused: the query of the page was `strict_loading()`.
        """
        name = next(self._names(record), "")
        if self.strict:
            raise LazyLoadRefused(
                f"{record!r} was not loaded, and strict_loading() forbids to fetch it now; "
                f"select_related({name!r}) brings it along"
            )
        if type(record._row) is Hollow:
            self._bring_along(record)
        if type(record._row) is Hollow:
            remedy = f"select_related({name!r})" if name else "select_related() of the relation"
            self.session.watch.note(f"single {type(record)._meta.verbose_name_plural}", remedy)
            self.session.load(record)

    def _names(self, record: Record) -> Iterator[str]:
        """Yield the relations through which the peers point to a record."""
        for _, relation, pk in self._pointing_to(type(record)):
            if pk == record.pk:
                yield relation.name

    def _bring_along(self, record: Record) -> None:
        """Fetch up to a hundred rows that are pointed to likewise, and give them to the peers."""
        pointing = list(self._pointing_to(type(record)))
        through = set(self._names(record))
        # Only by the same relation: who reads assignees has not asked for requesters.
        pointing = [each for each in pointing if each[1].name in through]
        ids = dict.fromkeys([record.pk, *(pk for _, _, pk in pointing if pk is not None)])
        if len(ids) < 2:
            return
        wanted = list(ids)[:CHUNK]
        known = {found.pk: found for found in self.session.many(type(record), wanted)}
        for peer, relation, _ in pointing:
            link([peer], relation, known)

    def _pointing_to(self, model: type[Any]) -> Iterator[tuple[Record, Ref[Any], Any]]:
        """Yield peers whose relation to the model is still unread: peer, relation and id."""
        peers = [peer for peer in (entry() for entry in self._records) if peer is not None]
        for relation in peers[0]._meta.relations.values() if peers else ():
            if relation.model is model:
                for peer, pk in zip(peers, relation.ids(peers), strict=True):
                    related = peer.__dict__.get(relation.name)
                    if related is None or type(related._row) is Hollow:
                        yield peer, relation, pk
