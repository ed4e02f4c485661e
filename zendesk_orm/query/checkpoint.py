"""`Checkpoint`: the place up to which the rows of an incremental export were processed."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.query.packing import pack_text, unpack_text
from zendesk_orm.schema.options import Options


#: The parameters that a page of an export can begin with.
PLACE_PARAMS = ("cursor", "start_time", "start_id")
#: The rows that are remembered for a checkpoint at most, which bounds its text to 90,000
#: characters. If more rows share the last moment, some of them are returned again.
MAX_BOUNDARY_ROWS = 10_000
#: The number above all those that identify a row.
ROW_NUMBERS = 2**48
#: The digits of a moment, with which microseconds reach far beyond the year 9999.
_MAX_DIGITS = 20
_PREFIX = "zc1."


@frozen(repr=False)
class Checkpoint:
    """The place in an export up to which its rows were processed.

    `rows.checkpoint` returns it, `changed_since()` continues from it, in any process. It contains
    no row, no address and no credentials, and has at most 90,000 characters as text; usually less
    than 300.

    Attributes:
        model: the label of the model: `support.Ticket`.
        path: the path of the export.
        account: a digest of the account's host.
        params: the parameters of the request for the rows after it.
        boundary: numbers that identify the rows that Zendesk will return once more: those of the
            last moment, in exports by time. A row is identified by its id and its timestamp.
    """

    model: str
    path: str
    account: str
    params: tuple[tuple[str, str], ...]
    boundary: frozenset[int] = frozenset()

    @property
    def after_cursor(self) -> str | None:
        """The cursor that the next page begins with; None in exports by time."""
        return dict(self.params).get("cursor")

    @property
    def end_time(self) -> int | None:
        """The moment at which the next page begins, in the unit of the export; None by cursor.

        That are seconds since the epoch, except for `AgentTimeline`: microseconds.
        """
        text = dict(self.params).get("start_time")
        return None if text is None else int(text)

    def to_text(self) -> str:
        """Return the checkpoint as text: letters, digits and `.-_`."""
        content = [self.model, self.path, self.account, self.params]
        return pack_text(_PREFIX, content, sorted(self.boundary))

    @classmethod
    def from_text(cls, text: str) -> Checkpoint:
        """Return the checkpoint of a text.

        Raises:
            InvalidValue: the text is not that of a checkpoint, or not complete.
        """
        content, numbers = unpack_text(_PREFIX, text)
        if not _is_content(content) or any(number >= ROW_NUMBERS for number in numbers):
            raise InvalidValue(
                "this is not the complete text of a checkpoint, which to_text() returns; pass the "
                "text as it was stored, or a datetime to begin there"
            )
        model, path, account, params = content
        pairs = tuple((name, value) for name, value in params)
        return cls(model, path, account, pairs, frozenset(numbers))

    @staticmethod
    def require_text(checkpoint: Any) -> str:
        """Return the text of an argument that must be a checkpoint.

        Raises:
            InvalidValue: the argument is something else.
        """
        if not isinstance(checkpoint, Checkpoint):
            raise InvalidValue(
                f"a store saves checkpoints, not {display(checkpoint)}: pass rows.checkpoint, or "
                "Checkpoint.from_text(text) for a text"
            )
        return checkpoint.to_text()

    def require_export(self, meta: Options, path: str | None = None) -> None:
        """Check that the checkpoint is that of an export.

        Args:
            meta: the options of the exported model.
            path: the path of the export, if it is known.

        Raises:
            InvalidValue: it belongs to another model or export.
        """
        label = export_label(meta)
        if self.model == label and path in (None, self.path):
            return
        export = label if path is None else f"{label} ({path})"
        raise InvalidValue(
            f"the checkpoint belongs to the export of {self.model} ({self.path}), not to that of "
            f"{export}; store a checkpoint for each export under a name of its own"
        )

    def require_account(self, account: str) -> None:
        """Check that the checkpoint is that of an account.

        Raises:
            InvalidValue: it belongs to another account.
        """
        if self.account != account:
            raise InvalidValue(
                "the checkpoint belongs to another account; pass it to a query with the account "
                "that it was made with, or begin at a datetime"
            )

    def __repr__(self) -> str:
        place = "&".join(f"{name}={value}" for name, value in self.params)
        return f"<Checkpoint of {self.model}: {place}>"


def export_label(meta: Options) -> str:
    """Return the label of the model whose rows an export returns: of a proxy, its base."""
    label: str = (meta.concrete or meta.model)._meta.label
    return label


def is_checkpoint_text(value: Any) -> bool:
    """Return whether a value is meant as the text of a checkpoint."""
    return isinstance(value, str) and value.startswith(_PREFIX)


def _is_content(content: Any) -> bool:
    """Return whether a value has the form of the content of a checkpoint."""
    if not isinstance(content, list) or len(content) != 4:
        return False
    *names, params = content
    return (
        all(isinstance(name, str) for name in names)
        and isinstance(params, list)
        and bool(params)
        and all(map(_is_param, params))
    )


def _is_param(pair: Any) -> bool:
    if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[1], str):
        return False
    return pair[0] in PLACE_PARAMS and (pair[0] != "start_time" or is_number(pair[1]))


def is_number(text: str) -> bool:
    """Return whether a text is a moment as exports by time count it."""
    return text.isascii() and text.isdecimal() and len(text) < _MAX_DIGITS
