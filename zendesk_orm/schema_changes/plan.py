"""Plans: the changes of an account, and their requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from attrs import Factory, define, field, frozen

from zendesk_orm.account import Account
from zendesk_orm.errors import (
    AuthenticationFailed,
    InvalidValue,
    PermissionDenied,
    SchemaError,
    StaleObjectError,
    TransportError,
    ZendeskError,
)
from zendesk_orm.messages import shorten
from zendesk_orm.model import Model
from zendesk_orm.progress import Progress, ProgressCallback, resolve_progress
from zendesk_orm.schema.definitions import fold_name
from zendesk_orm.schema_changes.account_schema import read_account
from zendesk_orm.schema_changes.changes import SchemaChange, SchemaOutcome
from zendesk_orm.schema_changes.owners import Owner
from zendesk_orm.support import TicketField


#: Errors after which all further requests would fail, too.
_FATAL = (AuthenticationFailed, PermissionDenied, TransportError)
_OPTIONS = "custom_field_options"
_TAKEN = "others have created a ticket field with this title since the plan was made: plan again"
#: The maximum number of deletions that the text of a plan names if they are not allowed.
_MAX_NAMED = 10


@frozen(eq=False)
class Step:
    """Changes that one request makes.

    Zendesk replaces all options of a field at once. They are therefore read again before they are
    sent, so that an option that others have added meanwhile is not deleted.

    Attributes:
        changes: the changes.
        record: the field or the custom object with its new values.
        is_deletion: whether the record is deleted.
        creates: the key of the custom object that is created, or "".
        needs: the keys of custom objects that other steps create before.
        replaces_options: whether the options of an existing field are replaced.
        new_title: the title of the ticket field that is created, for comparisons, or "".
    """

    changes: tuple[SchemaChange, ...]
    record: Model
    is_deletion: bool = False
    creates: str = ""
    needs: frozenset[str] = frozenset()
    replaces_options: bool = field(
        init=False, default=Factory(lambda step: _replaces_options(step.record), takes_self=True)
    )
    new_title: str = field(
        init=False, default=Factory(lambda step: _get_new_title(step.record), takes_self=True)
    )

    @property
    def is_destructive(self) -> bool:
        """Whether a change is destructive."""
        return any(change.is_destructive for change in self.changes)

    @property
    def requests(self) -> int:
        """The number of requests."""
        return 1 + self.replaces_options

    def send(self, account: Account) -> None:
        """Send the request.

        Raises:
            StaleObjectError: others have changed the options since the plan was made.
            ApiError, TransportError.
        """
        if self.is_deletion:
            self.record.delete(using=account.alias)
            return
        if self.replaces_options:
            self._check_options(account)
        self.record.save(using=account.alias, safe=False)

    def _check_options(self, account: Account) -> None:
        """Check that the field still has the options of the plan.

        Raises:
            StaleObjectError: it has others.
        """
        planned = self.record._row.get(_OPTIONS)
        current = type(self.record).from_row(self.record._row)
        current.refresh_from_db(using=account.alias)
        options = current._row.get(_OPTIONS)
        if options != planned:
            new = self.record.changes()[_OPTIONS][1]
            raise StaleObjectError(self.record, {_OPTIONS: (planned, new, options)})


def _replaces_options(record: Model) -> bool:
    """Return whether a record is an existing field with other options."""
    return record.pk is not None and _OPTIONS in record.changes()


def _get_new_title(record: Model) -> str:
    """Return the title of a new ticket field, of which Zendesk would create a second one.

    Other fields have keys, which are unique.
    """
    if not isinstance(record, TicketField) or record.pk is not None:
        return ""
    return fold_name(record.title)


@define(eq=False)
class SchemaPlan:
    """The changes that make an account match declared fields and custom objects.

    >>> plan = plan_schema([SupportTicket, Car], account)
    >>> print(plan)
    >>> outcomes = plan.apply()

    Attributes:
        skipped_deletions: deletions and deactivations that `allow_deletions=True` would include.

    `_ticket_fields` are the ids of the ticket fields that the account has.
    """

    _account: Account
    _steps: tuple[Step, ...]
    skipped_deletions: tuple[SchemaChange, ...] = ()
    _ticket_fields: frozenset[Any] = frozenset()
    _is_applied: bool = field(default=False, init=False)

    @property
    def changes(self) -> tuple[SchemaChange, ...]:
        """The changes in the order in which they are made, destructive ones first."""
        return tuple(change for step in self._steps for change in step.changes)

    @property
    def requests(self) -> int:
        """The number of requests that `apply()` sends if none fails."""
        return sum(step.requests for step in self._steps) + self._creates_ticket_fields

    @property
    def _creates_ticket_fields(self) -> bool:
        return any(step.new_title for step in self._steps)

    def __bool__(self) -> bool:
        """Return whether there are changes."""
        return bool(self._steps)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        """Yield a line for each change, with its declaration."""
        host = self._account.transport.base_url
        if not self._steps:
            yield f"{host} matches the declarations"
        else:
            changes = _count(len(self.changes), "change")
            yield f"{changes} of {host} in {_count(self.requests, 'request')}:"
            lines = [(f"  {_to_line(change)}", change.place) for change in self.changes]
            width = min(max(len(line) for line, _ in lines), 80)
            yield from (f"{line:<{width}}  {place}".rstrip() for line, place in lines)
        if self.skipped_deletions:
            number = len(self.skipped_deletions)
            yield f"{_count(number, 'deletion')} left out, because deletions are not allowed:"
            yield from (f"  {_to_line(change)}" for change in self.skipped_deletions[:_MAX_NAMED])
            if number > _MAX_NAMED:
                yield f"  and {number - _MAX_NAMED:,} more"

    def as_json(self) -> dict[str, Any]:
        """Return the plan as a JSON object."""
        return {
            "account": self._account.transport.base_url,
            "requests": self.requests,
            "changes": [change.as_json() for change in self.changes],
            "skipped_deletions": [change.as_json() for change in self.skipped_deletions],
        }

    def apply(
        self,
        *,
        progress: ProgressCallback | bool | None = None,
    ) -> tuple[SchemaOutcome, ...]:
        """Send the requests, and return one outcome for each change.

        After a failure, changes that do not depend on the failed one are still made. After an
        error of the network or the authentication, none is. In both cases, and if the process
        ends, a new plan has the remaining changes.

        Args:
            progress: a function that is called with a `Progress` after each request; True shows
                a bar.

        Raises:
            InvalidValue: the plan was applied before.
            ApiError, TransportError: the ticket fields cannot be read; nothing was changed.
        """
        if self._is_applied:
            raise InvalidValue("the plan was applied before: make another with plan_schema()")
        self._is_applied = True
        report = resolve_progress(progress)
        outcomes: list[SchemaOutcome] = []
        titles = self._find_new_titles() if self._creates_ticket_fields else frozenset()
        for step_outcomes in _apply_steps(self._steps, self._account, titles):
            outcomes += step_outcomes
            if report is not None:
                done = sum(outcome.ok for outcome in outcomes)
                report(Progress(done, len(outcomes) - done, len(self.changes), 0))
        return tuple(outcomes)

    def _find_new_titles(self) -> frozenset[str]:
        """Return the titles of ticket fields that others have created since the plan was made."""
        owner = Owner(TicketField)
        fields = read_account(self._account, [owner], with_objects=False).get_definitions(owner)
        return frozenset(
            fold_name(definition.title)
            for definition in fields
            if definition.id not in self._ticket_fields
        )


def _apply_steps(
    steps: Iterable[Step], account: Account, titles: frozenset[str]
) -> Iterator[list[SchemaOutcome]]:
    """Send the requests of steps, and yield the outcomes of each.

    Args:
        steps: the steps.
        account: the account.
        titles: the titles of ticket fields that others have created.
    """
    missing: set[str] = set()
    stop = ""
    for step in steps:
        absent = sorted(step.needs & missing)
        if stop or absent:
            missing.add(step.creates)
            reason = stop or f"custom object {absent[0]} was not created"
            yield [SchemaOutcome(change, "skipped", reason) for change in step.changes]
            continue
        try:
            if step.new_title in titles:
                raise SchemaError([_TAKEN])
            step.send(account)
        except ZendeskError as error:
            missing.add(step.creates)
            if isinstance(error, _FATAL):
                stop = "not sent after the previous failure"
            details = shorten(str(error))
            yield [SchemaOutcome(change, "failed", details, error) for change in step.changes]
        else:
            yield [SchemaOutcome(change, "done") for change in step.changes]


def _to_line(change: SchemaChange) -> str:
    """Return a change on one line."""
    return shorten(str(change))


def _count(number: int, noun: str) -> str:
    """Return a number with its noun: `3 changes`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
