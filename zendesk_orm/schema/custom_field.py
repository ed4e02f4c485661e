"""Custom fields that a model declares: `severity = CustomField[str | None]("Severity")`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin, overload

from zendesk_orm.http.annotations import Self
from zendesk_orm.schema.annotation import type_names
from zendesk_orm.schema.custom import BY_ID
from zendesk_orm.schema.custom_arguments import check_arguments
from zendesk_orm.schema.fields import Attribute
from zendesk_orm.schema.values import KINDS


if TYPE_CHECKING:
    from zendesk_orm.schema.record import Record

T = TypeVar("T")

_NO_MODELS = frozenset({"Any", "NoneType", "None"})


class CustomField(Attribute[T]):
    """A custom field of an account: `severity = CustomField[str | None]("Severity")`.

    >>> class SupportTicket(Ticket):
    ...     product = CustomField[str | None]("Product")
    >>> SupportTicket.objects.get(2965).product
    'laser'
    >>> SupportTicket.objects.filter(product="Laser", status="new").count()
    7

    The field is looked up in each account by its title, key, tag or id, so that one model serves
    a sandbox and production. The values of a drop-down field are tags; the titles of its options
    can be assigned and used in filters, too.

    The other arguments describe the field, as `zendesk-orm inspect` writes them. `zendesk-orm
    check` compares them with an account, and `zendesk-orm push` changes the account; without
    `type`, both ignore `required` and `pattern` if they are not given.

    Args:
        known_as: the title, key, tag or id of the field.
        id: its id.
        type: Zendesk's name of its type: `tagger`, `date`, `integer`.
        options: the titles of its options, by their tags.
        required: whether a ticket needs a value to be solved, or a record to be created.
        pattern: the regular expression that values match.
        title: its title, if `known_as` is not the title.
        default: the tag of the option that a new ticket has.
        attributes: other attributes of the field, as `TicketField`, `UserField`,
            `OrganizationField` and `CustomObjectField` name them: `{"description": "..."}`.

    Raises:
        FieldError, InvalidValue: an argument has a wrong type, or Zendesk has no such type.
    """

    def __init__(  # noqa: PLR0913 - one keyword for each attribute
        self,
        known_as: str | int,
        *,
        id: int | str | None = None,  # noqa: A002 - Zendesk's name
        type: str = "",  # noqa: A002 - Zendesk's name
        options: Mapping[str, str] | None = None,
        required: bool = False,
        pattern: str = "",
        title: str = "",
        default: str = "",
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__("", KINDS["Any"])
        self.known_as, self.id, self.type = known_as, id, type
        self.options, self.required, self.pattern = options, required, pattern
        self.title, self.default = title, default
        self.attributes: Mapping[str, Any] = {} if attributes is None else attributes
        check_arguments(self)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.wire = name

    @property
    def declared_type(self) -> Any:
        """The type in brackets; None without brackets."""
        return next(iter(get_args(getattr(self, "__orig_class__", None))), None)

    @cached_property
    def choices(self) -> tuple[str, ...] | None:
        """The tags of the `Literal` in brackets, in its order; None without one."""
        for member in _get_members(self.declared_type):
            inner = next(iter(get_args(member)), None) if get_origin(member) is list else member
            for item in _get_members(inner):
                if get_origin(item) is Literal:
                    return tuple(map(str, get_args(item)))
        return None

    @cached_property
    def read_as(self) -> str:
        """The type that a lookup is read as: a model, `BY_ID`, or "" without brackets."""
        names = [name for name in type_names(self.declared_type) if name not in _NO_MODELS]
        return BY_ID if {"int", "str"} & {*names} else next(iter(names), "")

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> T: ...
    def __get__(self, record: Record | None, owner: type) -> Any:
        """Return the converted value: the tag of an option, a date, the object of a lookup."""
        return self if record is None else record.custom.value(self.known_as, self.read_as)

    if TYPE_CHECKING:

        def __set__(self, record: Record, value: T) -> None: ...

    def peek(self, record: Record) -> Any:
        """Return the record's value, edits included; of a lookup, the id."""
        return record.custom.value(self.known_as, BY_ID)

    def display(self, record: Record) -> str:
        """Return the value for display: the title of the option, or `""`."""
        current = self.peek(record)
        return "" if current is None else record.custom.definition(self.known_as).display(current)


def _get_members(declared: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the type itself."""
    if declared is None:
        return ()
    union = get_origin(declared) not in (None, list, Literal)
    return get_args(declared) if union else (declared,)
