"""`Mirror`: a copy of an account in DuckDB or Parquet files, which is updated by exports.

The rows of a page and the checkpoint after them are written in one transaction, so that a process
that is killed loses no row and repeats none.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

from zendesk_orm.account import Account, connections
from zendesk_orm.errors import ConfigurationError, NoEndpoint
from zendesk_orm.export.types import format_moment
from zendesk_orm.messages import display
from zendesk_orm.progress import Progress, ProgressCallback, resolve_progress
from zendesk_orm.query.checkpoint import Checkpoint
from zendesk_orm.query.keywords import EXPORT_LOOKUP
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.source import DEFAULT
from zendesk_orm.schema.values import aware
from zendesk_orm.session.lists.checkpoints import account_digest
from zendesk_orm.support import (
    Brand,
    Group,
    GroupMembership,
    Organization,
    Ticket,
    TicketEvent,
    TicketField,
    TicketForm,
    User,
)
from zendesk_orm.warehouse.connecting import connect_warehouse
from zendesk_orm.warehouse.layouts import native
from zendesk_orm.warehouse.mirror_file import MirrorFile, explain_errors
from zendesk_orm.warehouse.mirror_folder import MirrorFolder
from zendesk_orm.warehouse.mirror_history import (
    HISTORY,
    StagedHistory,
    create_function,
    create_history,
    has_history,
    merge_history,
    set_complete,
)
from zendesk_orm.warehouse.mirror_staging import StagedLines, StagedRows
from zendesk_orm.warehouse.mirror_tables import (
    Merged,
    create_tables,
    lacks_columns,
    load_place,
    merge_rows,
    prepare_table,
    save_place,
)


if TYPE_CHECKING:
    from zendesk_orm.warehouse.connection import Warehouse

#: The models of a mirror by default. Those without an export are small.
MODELS: tuple[type[Any], ...] = (
    *(Brand, Group, GroupMembership, TicketField, TicketForm),
    *(Organization, User, Ticket),
)
#: A transaction ends after this number of rows, of bytes, or of seconds.
_ROWS, _BYTES, _SECONDS = 50_000, 64_000_000, 15.0


@frozen
class MirrorResult:
    """The result of `Mirror.sync()`.

    Attributes:
        rows: the number of rows that were written, by the name of the table.
        deleted: the number of those that were deleted in Zendesk, by the name of the table.
        requests: the requests that the account sent during the call.
    """

    rows: Mapping[str, int]
    deleted: Mapping[str, int]
    requests: int


class Mirror:
    """A copy of an account in DuckDB.

    ::

        mirror = Mirror("zendesk.duckdb")
        mirror.sync()
        mirror.connect()
        Ticket.objects.using("mirror").filter(status="open").count()

    The tables have the layout `layouts.native()`. A file is open only while rows are written or
    read, so that other processes can read between two transactions.

    Args:
        target: the path of the file or folder, which `sync()` creates; or a connection of DuckDB,
            which belongs to the caller.
        account: the account, or its alias.
        models: the models that are copied.
        format: `duckdb` for one file, or `parquet` for a folder of Parquet files.
        page_size: rows of a page of an export; Zendesk's maximum by default.
        history: True to store the history of tickets, too, for `as_of()`; an aware datetime to
            begin it then. A mirror that has a history continues it.

    Raises:
        ConfigurationError: an argument is invalid.
    """

    def __init__(
        self,
        target: Any,
        account: str | Account = DEFAULT,
        models: Iterable[type[Any]] = MODELS,
        *,
        format: Literal["duckdb", "parquet"] = "duckdb",
        page_size: int | None = None,
        history: bool | datetime = False,
    ) -> None:
        self._file = _open_target(target, format)
        if history is not False and format != "duckdb":
            raise ConfigurationError("history= needs format='duckdb', which as_of() reads")
        self._page_size = page_size
        self._account = account
        self.models = () if isinstance(models, type) else tuple(map(_require_model, models))
        if not self.models:
            raise ConfigurationError(
                f"models must be a list of models such as [Ticket, User], not {display(models)}"
            )
        self._history = history if isinstance(history, bool) else aware(history)
        if history is not False and Ticket not in self.models:
            raise ConfigurationError("history= needs the model Ticket: only tickets have a history")
        self._warehouses: list[Warehouse] = []

    @property
    def account(self) -> Account:
        """The account that is copied."""
        account = self._account
        return account if isinstance(account, Account) else connections[account]

    def sync(self, *, progress: ProgressCallback | bool | None = None) -> MirrorResult:
        """Write the rows that changed since the last call.

        Models with an export continue after the last page that was written. The others are read
        as a whole, and written in one transaction. Rows are never deleted: `_deleted` marks those
        that were deleted in Zendesk.

        Args:
            progress: called with a `Progress` after each page; True shows a bar.

        Raises:
            BlockingIOError: another process updates the mirror, or has it open.
            ConfigurationError: the mirror belongs to another account, or a table to another
                program.
            DatabaseError: DuckDB cannot write, such as to a full disk; the next call continues.
            UnexpectedValue: a value does not fit the type of its column.
            ApiError, TransportError: a request failed; the next call continues.
        """
        report = resolve_progress(progress)
        account, totals, done = self.account, dict[str, Merged](), 0
        before = account.requests_sent
        with self._file.lease(), explain_errors(self._file.name):
            account.catalogue.clear()
            for table, transactions in self._tables():
                totals[table] = Merged()
                for merged in transactions:
                    totals[table], done = totals[table] + merged, done + merged.rows
                    if report is not None:
                        report(Progress(done, 0, None, 0))
        for warehouse in self._warehouses:
            warehouse.catalogue.forget()
        if report is not None:
            report(Progress(done, 0, done, 0))
        rows = {table: total.rows for table, total in totals.items()}
        deleted = {table: total.deleted for table, total in totals.items()}
        return MirrorResult(rows, deleted, account.requests_sent - before)

    def connect(self, alias: str = "mirror", *, live: str | Account | None = DEFAULT) -> Warehouse:
        """Return the mirror as a database for `.using(alias)`; see `connect_warehouse()`.

        Args:
            alias: its name.
            live: the account, or its alias, that saves are sent to; None for none.
        """
        warehouse = connect_warehouse(self._file, layout=native(), live=live, alias=alias)
        self._warehouses.append(warehouse)
        return warehouse

    def _tables(self) -> Iterator[tuple[str, Iterator[Merged]]]:
        """Yield the tables, each with what its transactions write."""
        for model in self.models:
            yield native().table(model._meta), self._sync_model(model)
        if Ticket in self.models and self._keeps_history():
            yield HISTORY, self._sync_history()

    def _keeps_history(self) -> bool:
        """Return whether the mirror has a history, or is to have one."""
        with self._file.open_for_writing() as cursor:
            return has_history(cursor)

    def _sync_model(self, model: type[Any]) -> Iterator[Merged]:
        """Yield what each transaction wrote."""
        meta: Options = model._meta
        account = self.account
        definitions = account.current().definitions(meta, {}) if meta.custom else ()
        table = native().table(meta)
        with self._file.open_for_writing() as cursor:
            filled = table if lacks_columns(cursor, meta, definitions) else None
            with self._file.transaction(cursor, filled, all_rows=True):
                create_tables(cursor)
                load_place(cursor, meta.object_name, self._owner())
                columns = prepare_table(cursor, meta, definitions)
                if model is Ticket and (self._history is not False or has_history(cursor)):
                    create_history(cursor, self._begins)
                    create_function(cursor, columns)

        def merge(cursor: Any) -> Merged:
            if model is Ticket and has_history(cursor):
                set_complete(cursor, complete=False)
            return merge_rows(cursor, meta, complete=EXPORT_LOOKUP not in meta.lookups)

        with StagedRows(columns, self._now) as staged:
            if EXPORT_LOOKUP in meta.lookups:
                yield from self._sync_export(model, staged, merge)
                return
            records = model.objects.using(account.alias).iterator()
            staged.add(record._row for record in records)
            yield self._write(model, staged, merge, None, None)

    def _sync_history(self) -> Iterator[Merged]:
        """Yield what each transaction wrote of the history of tickets."""
        with StagedHistory() as staged:
            yield from self._sync_export(TicketEvent, staged, merge_history)
        with self._file.open_for_writing() as cursor:
            # The events were read after the tickets, so that they contain all changes of these.
            set_complete(cursor, complete=True)

    def _sync_export(
        self, model: type[Any], staged: StagedLines, merge: Callable[[Any], Merged]
    ) -> Iterator[Merged]:
        """Yield what each transaction wrote of an export, which continues after the last one.

        Args:
            model: the model of the export.
            staged: the rows that wait for a transaction.
            merge: writes them.
        """
        with self._file.open_for_writing() as cursor:
            place = load_place(cursor, model._meta.object_name, self._owner())
        for checkpoint in self._read_export(model, place, staged):
            yield self._write(model, staged, merge, place, checkpoint)
            place = checkpoint

    def _write(
        self,
        model: type[Any],
        staged: StagedLines,
        merge: Callable[[Any], Merged],
        place: str | None,
        checkpoint: str | None,
    ) -> Merged:
        """Write rows and the checkpoint after them in one transaction.

        Args:
            model: the model.
            staged: the rows.
            merge: writes them.
            place: the checkpoint before them.
            checkpoint: the text of the checkpoint after them; None for a model without an export.

        Raises:
            BlockingIOError: another program has moved the checkpoint.
        """
        name, owner = model._meta.object_name, self._owner()
        table, all_rows = native().table(model._meta), checkpoint is None

        def write(cursor: Any, *places: str | None) -> Merged:
            staged.load(cursor)
            with self._file.transaction(cursor, table, all_rows=all_rows):
                if load_place(cursor, name, owner) not in places:
                    raise BlockingIOError(
                        errno.EAGAIN, "another program updates the mirror; wait until it ends"
                    )
                merged = merge(cursor)
                save_place(cursor, name, owner, checkpoint, self._now())
            return merged

        try:
            with self._file.open_for_writing(memory=staged.memory) as cursor:
                merged = write(cursor, place)
        except self._file.memory_errors:
            # Rows may need more memory than expected. The transaction may have ended, and the
            # error have followed it: rows that are written again replace themselves.
            with self._file.open_for_writing() as cursor:
                merged = write(cursor, place, checkpoint)
        staged.clear()
        return merged

    def _owner(self) -> str:
        return account_digest(self.account.current())

    def _read_export(
        self, model: type[Any], place: str | None, staged: StagedLines
    ) -> Iterator[str | None]:
        """Stage the pages of an export, and yield the checkpoint after those of a transaction."""
        start: Any = self._start_of(model) if place is None else Checkpoint.from_text(place)
        changed = model.objects.using(self.account.alias).changed_since(start)
        iterator = changed.iterator(self._page_size)
        checkpoint, begin = place, time.monotonic()
        try:
            for page in iterator.pages():
                staged.add(record._row for record in page)
                checkpoint = place if page.checkpoint is None else page.checkpoint.to_text()
                is_full = staged.count >= _ROWS or staged.size >= _BYTES
                if is_full or time.monotonic() - begin >= _SECONDS:
                    yield checkpoint
                    place, begin = checkpoint, time.monotonic()
        except GeneratorExit:
            raise
        except BaseException:
            # The pages before a failure are kept.
            if staged.count and checkpoint is not None:
                yield checkpoint
            raise
        if checkpoint is not None and (staged.count or checkpoint != place):
            yield checkpoint

    def _start_of(self, model: type[Any]) -> Any:
        """Return the moment at which the export of a model begins, if it was never read."""
        begins = self._begins if model is TicketEvent else None
        return 0 if begins is None else begins

    @property
    def _begins(self) -> datetime | None:
        """The beginning of the history; None if it has none, or all updates are read."""
        return self._history if isinstance(self._history, datetime) else None

    def _now(self) -> str:
        now = self.account.transport.clock.now()
        return format_moment(datetime.fromtimestamp(now, timezone.utc))

    def __repr__(self) -> str:
        return f"<Mirror of {len(self.models)} models in {self._file.name}>"


def _open_target(target: Any, format_: str) -> MirrorFile | MirrorFolder:
    """Return the file or the folder of a mirror.

    Raises:
        ConfigurationError: the format is unknown, or the target does not fit it.
    """
    if isinstance(target, str) and "://" in target:
        raise ConfigurationError(
            f"Mirror() writes to a local path, from which files can be copied to {display(target)}"
        )
    if format_ == "duckdb":
        return MirrorFile(target)
    if format_ != "parquet":
        raise ConfigurationError(f"format must be 'duckdb' or 'parquet', not {display(format_)}")
    if not isinstance(target, (str, os.PathLike)) or not os.fspath(target):
        raise ConfigurationError(
            f"Mirror(format='parquet') needs the path of a folder, not {display(target)}"
        )
    path = Path(os.fspath(target)).absolute()
    if path.is_file():
        raise ConfigurationError(f"{path} is a file; format='parquet' needs the path of a folder")
    return MirrorFolder(path)


def _require_model(model: Any) -> type[Any]:
    """Return a model that can be copied.

    Raises:
        ConfigurationError: it is no model, or its rows have no id or no list.
    """
    meta = getattr(model, "_meta", None)
    if meta is None or not isinstance(model, type):
        raise ConfigurationError(f"models must be models such as Ticket, not {display(model)}")
    if meta.pk_key == "" or "id" not in meta.fields or not native().table(meta):
        raise ConfigurationError(f"{meta.object_name} has no id, by which a mirror stores rows")
    if EXPORT_LOOKUP not in meta.lookups:
        try:
            _ = meta.model.objects.all().plan
        except NoEndpoint as error:
            raise ConfigurationError(
                f"{meta.object_name} has no list of all its rows: {error}"
            ) from None
    return model
