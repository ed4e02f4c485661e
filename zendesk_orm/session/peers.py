"""Records that came in one page: what one of them points to is fetched for all of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from weakref import ref

from zendesk_orm.errors import LazyLoadRefused, NoEndpoint
from zendesk_orm.plan.plan import CHUNK
from zendesk_orm.schema import custom, prefetched, registry
from zendesk_orm.schema.definitions import Definitions
from zendesk_orm.schema.fields import Ref
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import Hollow
from zendesk_orm.session.sideloads import link
from zendesk_orm.session.together import can_read_together


if TYPE_CHECKING:
    from zendesk_orm.schema.row import Row
    from zendesk_orm.session.session import Session

_REMEDY = "select_related() of the relation"


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

    @property
    def account_identity(self) -> Hashable:
        """What the account has in common with its brands and with other aliases of its host."""
        return self.session.account_identity

    @property
    def on_behalf_of(self) -> str | None:
        """The end user as whom it sends requests, or None for the account itself."""
        return self.session.on_behalf_of

    def join(self, records: Iterable[Record]) -> None:
        """Make these the records of the page; they are held weakly."""
        self._records = [ref(record) for record in records]

    def siblings(self, record: Record) -> list[Any]:
        """Return the records of the page that are of the same model and still held, in order."""
        peers = (entry() for entry in self._records)
        return [peer for peer in peers if peer is not None and type(peer) is type(record)]

    def refer(self, model: type[Any], pk: Any, known: Row | None = None) -> Any:
        """Return the record of that id, without a request; it loads through its peers."""
        return self.session.refer(model, pk, known, source=self)

    def at_hand(self, model: type[Any], key: Any) -> Any:
        """Return the record of that key if it need not be read, or None."""
        return self.session.at_hand(model, key)

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
        pointing = list(self._pointing_to(record))
        through = {relation.name: relation for _, relation, pk in pointing if pk == record.pk}
        remedy = next((each.remedy for each in through.values()), _REMEDY)
        if self.strict:
            raise LazyLoadRefused(
                f"{record!r} was not loaded, and strict_loading() forbids to fetch it now; "
                f"{remedy} brings it along"
            )
        if type(record._row) is Hollow:
            self._load_siblings(record)
        if type(record._row) is Hollow:
            # Only by the same relation: who reads assignees has not asked for requesters.
            self._bring_along(record, [each for each in pointing if each[1].name in through])
        if type(record._row) is Hollow:
            self.session.watch.note(
                f"single {type(record)._meta.verbose_name_plural}",
                lambda: remedy if can_read_together(record) else "",
            )
            self.session.load(record)

    def _load_siblings(self, record: Record) -> None:
        """Fetch the rows of up to a hundred records of the page of which no more is known."""
        siblings = [peer for peer in self.siblings(record) if type(peer._row) is Hollow]
        if record in siblings:
            start = siblings.index(record)
            self.session.load_together([*siblings[start:], *siblings[:start]][:CHUNK])

    def _bring_along(self, record: Record, pointing: list[_Pointing]) -> None:
        """Fetch up to a hundred rows that are pointed to likewise, and give them to the peers."""
        ids = dict.fromkeys([record.pk, *(pk for _, _, pk in pointing if pk is not None)])
        if len(ids) < 2 and not any(pk is None for _, _, pk in pointing):
            return
        wanted = list(ids)[:CHUNK]
        try:
            many = self.session.many(type(record), wanted, like=record)
        except NoEndpoint:
            # Zendesk shows such rows one by one only, so that each is read when it is needed.
            return
        known = {found.pk: found for found in many}
        for peer, relation, pk in pointing:
            relation.give(peer, pk, known)

    def _pointing_to(self, record: Record) -> Iterator[_Pointing]:
        """Yield peers whose relation to such a record is still unread: peer, relation and id."""
        peers = [peer for peer in (entry() for entry in self._records) if peer is not None]
        for relation in self._relations(peers[0], record) if peers else ():
            for peer, pk in zip(peers, relation.ids_of(peers), strict=True):
                related = relation.read(peer)
                if related is None or type(related._row) is Hollow:
                    yield peer, relation, pk

    def _relations(self, peer: Record, record: Record) -> Iterator[_Relation | _Lookup]:
        """Yield the relations to such a record, and the account's lookups that lead to such."""
        meta, model = peer._meta, type(record)
        yield from (_Relation(each) for each in meta.relations.values() if each.model is model)
        # Whoever has read a lookup knows the fields; nobody else is made to ask for them.
        for each in custom.known_definitions(peer, self.session) or ():
            if each.leads_to is None:
                continue
            name, said = each.leads_to
            alike = all(record._row.get(key) == value for key, value in said.items())
            if alike and issubclass(model, registry.find(name, meta.app_label)):
                yield _Lookup(custom.holder(meta).wire, each.wire, model)


class _Relation:
    """A relation of the model, of one of the peers."""

    __slots__ = ("_ref", "name", "remedy")

    def __init__(self, relation: Ref[Any]) -> None:
        self._ref = relation
        self.name = relation.name
        self.remedy = f"select_related({self.name!r})"

    def ids_of(self, peers: list[Record]) -> list[Any]:
        """Return the ids that the peers hold."""
        return self._ref.ids(peers)

    def read(self, peer: Record) -> Record | None:
        """Return what a peer has of it already."""
        found: Record | None = peer.__dict__.get(self.name)
        return found

    def give(self, peer: Record, pk: Any, known: Mapping[Any, Any]) -> None:
        """Let a peer have what it points to, if it is known."""
        link([peer], self._ref, known)


class _Lookup:
    """A lookup field of the account's: the peer keeps what it leads to, and so finds it again."""

    __slots__ = ("_holder", "_model", "_wire", "name", "remedy")

    def __init__(self, holder: str, wire: Any, model: Any) -> None:
        self._holder = holder
        self._wire = wire
        self._model = model
        self.name = f"{holder}__{wire}"
        self.remedy = "prefetch_related() of the CustomField"

    def ids_of(self, peers: list[Record]) -> list[Any]:
        """Return the ids that the peers hold."""
        held = (custom.value_in(peer._row.get(self._holder), self._wire) for peer in peers)
        return [self._model._meta.numbered(pk) for pk in held]

    def read(self, peer: Record) -> Record | None:
        """Return what a peer keeps of it."""
        return next(iter(prefetched.kept(peer, self) or ()), None)

    def give(self, peer: Record, pk: Any, known: Mapping[Any, Any]) -> None:
        """Let a peer keep what it leads to, if it is known."""
        if pk in known:
            prefetched.keep(peer, self, [known[pk]])


#: A peer, a relation of it, and the id that it holds there.
_Pointing = tuple[Record, _Relation | _Lookup, Any]


def group(session: Session, records: Iterable[Record]) -> None:
    """Let records that were written together be loaded together."""
    found = [each for each in records if type(each._row) is Hollow]
    peers = Peers(session)
    peers.join(found)
    for each in found:
        each.attach_to(peers)
