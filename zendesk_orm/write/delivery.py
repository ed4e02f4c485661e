"""The delivery of a batch: its changes in the order in which Zendesk accepts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from zendesk_orm import signals
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import BulkError, FieldError, ZendeskError
from zendesk_orm.messages import display
from zendesk_orm.schema.record import Record
from zendesk_orm.session.session import Session
from zendesk_orm.signals import report
from zendesk_orm.write.bulk.creation import create_strategy, with_lookups
from zendesk_orm.write.bulk.jobs import Job
from zendesk_orm.write.bulk.operation import BulkOperation
from zendesk_orm.write.bulk.requests import (
    BulkStrategy,
    ResolvedOptions,
    per_object_bodies,
    response_reader,
)
from zendesk_orm.write.bulk.results import BulkResult, Outcome, failed_outcome, failed_request
from zendesk_orm.write.bulk.strategies import delete_strategy, update_strategy
from zendesk_orm.write.change import Change
from zendesk_orm.write.conflicts import (
    ADD_TAGS,
    REMOVE_TAGS,
    bulk_payload,
    has_tag_keys,
    merge_current_rows,
    merge_read_lists,
)
from zendesk_orm.write.delete import announce_deletion, send_deletion
from zendesk_orm.write.ignored_values import announce_ignored_values
from zendesk_orm.write.lost_responses import check_creation, drop_applied_update
from zendesk_orm.write.member_changes import finish_calls
from zendesk_orm.write.merged_changes import render_calls, tag_keys
from zendesk_orm.write.save import CONFLICT, MAX_ATTEMPTS, announce_save, transmit
from zendesk_orm.write.unit_of_work import find_replacements, row_key


#: The descriptions of conflicts in the results of jobs.
_CONFLICTS = (CONFLICT, "Safe Update prevented")


class Delivery:
    """Sends the changes of a batch: dependencies first, and a hundred to a request.

    Attributes:
        error: the first exception other than a `ZendeskError`, mostly of a receiver; or None.
        finished: the identities of the objects all of whose changes were applied.
    """

    def __init__(
        self,
        session: Session,
        changes: Sequence[Change],
        uncertain: Sequence[Record],
        began: float,
    ) -> None:
        self._session, self._changes = session, changes
        self._uncertain, self._began = uncertain, began
        self._outcomes: dict[int, Outcome] = {}
        self._jobs: list[Job] = []
        self._created = {id(change.record) for change in changes if change.action == "create"}
        # The number of changes of each object that were not applied yet.
        self._remaining = Counter([id(change.record) for change in changes])
        self.error: Exception | None = None
        self.finished: set[int] = set()
        self._rendered: list[Change] = []

    def run(self) -> None:
        """Send all changes: saves, then deletions, then creations that replace deleted rows."""
        deletions = [change for change in self._changes if change.action == "delete"]
        saves = [change for change in self._changes if change.action != "delete"]
        replacements = find_replacements(self._changes) if deletions else ()
        self._save_all([change for change in saves if id(change.record) not in replacements])
        for model in _sort_models(deletions)[::-1]:
            self._send("delete", [change for change in deletions if type(change.record) is model])
        if replacements:
            self._save_all(saves)
        for change in self._not_sent(saves):
            self._outcomes[id(change)] = _blocked_outcome(change)

    def result(self, retry: Any, *, raises: bool) -> BulkResult:
        """Return the outcomes, in the order of the changes."""
        outcomes = [self.outcome(change) for change in self._changes]
        return BulkResult(outcomes, self._jobs, retry, raises=raises)

    def outcome(self, change: Change) -> Outcome:
        """Return the outcome of a change."""
        outcome = self._outcomes.get(id(change))
        return outcome or failed_outcome(change.record, "NotSent", "the batch stopped")

    def replace_outcome(self, change: Change, outcome: Outcome) -> None:
        """Replace the outcome of a change that was sent again."""
        self._outcomes[id(change)] = outcome

    def _save_all(self, changes: Sequence[Change]) -> None:
        """Send creations and updates, each after those that it depends on."""
        models, remaining, before = _sort_models(changes), self._not_sent(changes), 0
        while len(remaining) != before:
            before = len(remaining)
            for model in models:
                self._save(change for change in remaining if type(change.record) is model)
            if not (remaining := self._not_sent(remaining)):
                return

    def _failed_rows(self) -> set[Hashable]:
        """Return the rows with a change that failed, whose later changes have to wait for it."""
        sent = [change for change in self._changes if id(change) in self._outcomes]
        return {row_key(c.record) for c in sent if not self._outcomes[id(c)].ok}

    def _not_sent(self, changes: Iterable[Change]) -> list[Change]:
        """Return the changes that have no outcome yet."""
        return [change for change in changes if id(change) not in self._outcomes]

    def _save(self, changes: Iterable[Change]) -> None:
        """Send the changes of one model whose dependencies have been saved."""
        remaining = list(changes)
        while True:
            waiting = self._failed_rows() if remaining and self._outcomes else set()
            ready = list(_ready_changes(remaining, self._created, waiting))
            if not ready:
                return
            for action in ("create", "update"):
                self._send(action, [change for change in ready if change.action == action])
            remaining = self._not_sent(remaining)

    def _send(self, action: str, changes: list[Change]) -> None:
        """Send changes of one action and model, those of each account together."""
        accounts: dict[Any, list[Change]] = {}
        for change in changes:
            accounts.setdefault(self._session_of(change).account, []).append(change)
        for group in accounts.values():
            self._send_to(self._session_of(group[0]), action, group)

    def _session_of(self, change: Change) -> Session:
        """Return the session of a change: that of the account, or of a brand."""
        session: Session = change.session or self._session
        return session

    def _send_to(self, session: Session, action: str, changes: list[Change]) -> None:
        """Send changes with the payload of their calls, which depends on the present rows."""
        rendered = [(change, self._render(change)) for change in changes]
        sent = [result for _, result in rendered if result is not None]
        # Outcomes are found by the identity of changes, which exist until the end.
        self._rendered += sent
        try:
            if sent:
                self._send_rendered(session, action, sent)
        finally:
            for change, result in rendered:
                if result is not None and id(result) in self._outcomes:
                    self._outcomes[id(change)] = self._outcomes[id(result)]

    def _render(self, change: Change) -> Change | None:
        """Return a change with the payload of its calls, or None if its row cannot be read."""
        if change.tags is None and not change.members:
            return change
        try:
            return render_calls(change)
        except ZendeskError as error:
            self._outcomes[id(change)] = failed_request(change.record, error)
            return None

    def _send_rendered(self, session: Session, action: str, changes: list[Change]) -> None:
        """Send changes by bulk requests if there are several and Zendesk supports it."""
        # Only bulk updates can add tags.
        adds_tags = not {ADD_TAGS, REMOVE_TAGS}.isdisjoint(changes[0].body)
        in_bulk = len(changes) > 1 or adds_tags or self._uncertain
        if not in_bulk or _strategy(session, action, changes) is None:
            for change in changes:
                self._outcomes[id(change)] = self._send_one(change)
            return
        self._send_in_bulk(session, action, changes)
        conflicting = changes
        for _ in range(MAX_ATTEMPTS - 1):
            conflicting = [change for change in conflicting if self._conflicts(change)]
            if not conflicting:
                break
            self._send_in_bulk(session, action, conflicting, repeated=True)
        for change in changes:
            if self._outcomes[id(change)].state == "done":
                self._finish(change)

    def _send_in_bulk(
        self, session: Session, action: str, changes: list[Change], *, repeated: bool = False
    ) -> None:
        """Send changes by bulk requests; after a conflict, on the current rows."""
        model: Any = type(changes[0].record)
        strategy: Any = _strategy(session, action, changes, repeated=repeated)
        if action == "create" and self._uncertain:
            strategy = with_lookups(strategy, session, model, self._uncertain, self._began)
        options = ResolvedOptions(raises=False)
        operation = BulkOperation(
            session, model, strategy, options, retry=lambda *_: BulkResult(())
        )
        try:
            result = operation.run([change.record for change in changes])
        except BulkError as error:
            result = error.result
            self._record_error(error)
        self._jobs.extend(result.jobs)
        for change, outcome in zip(changes, result.outcomes, strict=True):
            self._outcomes[id(change)] = outcome

    def _conflicts(self, change: Change) -> bool:
        """Return True if a change was rejected because its row has changed since it was read."""
        outcome = self._outcomes[id(change)]
        text = f"{outcome.error} {outcome.details}"
        return change.action == "update" and any(words in text for words in _CONFLICTS)

    def _send_one(self, change: Change) -> Outcome:
        """Send one change by a single request."""
        record, exchange, session = change.record, None, self._session_of(change)
        try:
            if change.action == "delete":
                send_deletion(session, record)
            else:
                exchange = transmit(session, change)
        except ZendeskError as error:
            return failed_request(record, error)
        except Exception as error:  # noqa: BLE001 - a receiver may raise anything
            self._record_error(error)
            return failed_outcome(record, type(error).__name__, str(error))
        if exchange is not None and signals.value_ignored.is_observed:
            self._call(
                announce_ignored_values, session, record, exchange.request, exchange.response
            )
        self._finish(change)
        return Outcome(record, record.pk, ok=True)

    def _finish(self, change: Change) -> None:
        """Make an object show the tags of its row after its last change, and send the signals."""
        self._remaining[id(change.record)] -= 1
        if not self._remaining[id(change.record)]:
            self.finished.add(id(change.record))
            finish_calls(change.record)
        if change.sends_signals and change.action == "delete":
            self._call(announce_deletion, self._session_of(change), change.record)
        elif change.sends_signals:
            self._call(announce_save, self._session_of(change), change)

    def _call(self, function: Callable[..., None], *arguments: Any) -> None:
        """Call a function that sends signals, and record an exception of a receiver."""
        try:
            function(*arguments)
        except Exception as error:  # noqa: BLE001 - the other changes are announced, too
            self._record_error(error)

    def _record_error(self, error: Exception) -> None:
        """Record the first exception other than a `ZendeskError`; log the others."""
        if self.error is None:
            self.error = error
        else:
            report(error, "raised while a batch was sent")


def _strategy(
    session: Session, action: str, changes: Sequence[Change], *, repeated: bool = False
) -> BulkStrategy | None:
    """Return the strategy that sends changes together, or None if each needs its own request.

    Args:
        session: the session to send with.
        action: the action of the changes.
        changes: the changes, which are of one model.
        repeated: whether the changes conflicted, so that the current rows have to be fetched.
    """
    model = type(changes[0].record)
    by_record = {id(change.record): change for change in changes}

    def find_change(record: Record) -> Change:
        return by_record[id(record)]

    def prepare_creation(record: Record) -> dict[str, Any]:
        check_creation(record, "bulk_create")
        return by_record[id(record)].payload

    def prepare_update(record: Record) -> Any:
        change = drop_applied_update(session, merge_read_lists(by_record[id(record)]))
        if change.is_empty:
            return Outcome(record, record.pk, ok=True)
        return {**_bulk_payload(change), "id": record.pk}

    try:
        if action == "delete":
            return delete_strategy(model)
        if action == "create":
            return create_strategy(model, prepare_creation)
        if response_reader(model._meta, Verb.UPDATE_MANY) is not None:
            # Synchronous updates of rules ignore most fields.
            return None
        build = per_object_bodies(model._meta, Verb.UPDATE_MANY)
        current = merge_current_rows(session, model, find_change, always=repeated)
        return update_strategy(model, prepare_update, build, current)
    except FieldError:
        return None


def _bulk_payload(change: Change) -> dict[str, Any]:
    """Return the payload of a bulk update; tags that replace all others are sent as a whole."""
    payload, effect = change.payload, change.tags
    tags: dict[str, Any] = {}
    if effect is not None and "tags" in payload and has_tag_keys(change.record._meta):
        replacement = {"tags": payload.pop("tags")}
        tags = tag_keys(effect) if effect.replacement is None else replacement
    return {**bulk_payload(change.record, payload, change.checked_fields), **tags}


def _sort_models(changes: Sequence[Change]) -> list[type[Record]]:
    """Return the models of changes, each after the models that it refers to."""
    models = list(dict.fromkeys(type(change.record) for change in changes))
    graph = {
        model: {
            relation.model
            for relation in model._meta.relations.values()
            if relation.model in models and relation.model is not model
        }
        | {
            type(related)
            for change in changes
            for related in change.unsaved_custom.values()
            if type(change.record) is model and type(related) is not model
        }
        for model in models
    }
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError:
        return models


def _ready_changes(
    changes: Iterable[Change], created: Container[int], seen: set[Hashable]
) -> Iterator[Change]:
    """Yield the first change of each row whose dependencies have been saved.

    Args:
        changes: the changes that were not sent yet.
        created: the identities of the objects that the batch creates; another one may be created
            together with the object that refers to it.
        seen: the rows whose next change has to wait for an earlier one.
    """
    for change in changes:
        key = row_key(change.record)
        first = key not in seen
        seen.add(key)
        # A later change of an object that was not created has no path yet.
        blocked = (change.record.pk is None and not change.creates) or any(
            related.pk is None and (id(related) in created or not change.is_inline(related))
            for related in change.dependencies
        )
        if first and not blocked:
            change.record.resolve_unsaved_relations()
            change.record.resolve_custom_fields(change.session)
            yield change


def _blocked_outcome(change: Change) -> Outcome:
    """Return the outcome of a change whose dependencies were not saved."""
    missing = ", ".join(display(record) for record in change.dependencies if record.pk is None)
    if missing:
        return failed_outcome(
            change.record, "NotSent", f"it depends on {missing}, which was not saved"
        )
    return failed_outcome(change.record, "NotSent", "it depends on another change of the same row")
