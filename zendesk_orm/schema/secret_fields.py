"""Fields with secrets: values that are neither displayed nor pickled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

from attrs import evolve

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.secret import NEVER_PICKLED, Secret
from zendesk_orm.messages import with_article
from zendesk_orm.schema.fields import Attribute, Field, ReadOnly
from zendesk_orm.schema.row import PartialRow, Row
from zendesk_orm.schema.values import Kind


T = TypeVar("T")


class SecretField(Field[T]):
    """A field for a password, a token, or a dictionary with such values: `token: SecretField[str]`.

    Its texts are `http.secret.Secret` objects, which `repr()`, logs, exceptions and tracebacks show
    as dots; `reveal()` returns the real text. Error messages do not contain the assigned value.
    Objects are pickled without their secret values, and saved values are not kept: reading the
    field again fetches the object.

    Keys of a dictionary whose values may be displayed are named by `public_keys()`.

    >>> from zendesk_orm.http.secret import reveal
    >>> target = Target(title="SMS", type="clickatell_target", password="hunter2")
    >>> target.password
    '...'
    >>> reveal(target.password)
    'hunter2'
    """

    def __init__(
        self,
        name: str,
        kind: Kind,
        *,
        nullable: bool = True,
        public_keys: Collection[str] = (),
    ) -> None:
        load = kind.load or (lambda raw: raw)
        hidden = evolve(
            kind,
            accept=lambda value: hide_texts(kind.accept(value), public_keys),
            load=lambda raw: hide_texts(load(raw), public_keys),
            exact=None,
        )
        super().__init__(name, hidden, nullable=nullable)

    def clean(self, value: Any) -> Any:
        """Return the value to keep when it is assigned, with its texts hidden.

        Raises:
            InvalidValue: the value has another type; the message does not contain it.
        """
        try:
            return super().clean(value)
        except InvalidValue:
            pass
        # Raised outside `except`, so that the error has no context with the value.
        raise InvalidValue(f"{self.name} must be {with_article(self.kind.name)}")


class WriteOnlySecret(SecretField[T]):
    """A secret field that is sent and never returned: `password: WriteOnlySecret[str | None]`.

    >>> from zendesk_orm.chat import Agent
    >>> Agent(email="ann@example.com", password="hunter2").changes()["password"]
    (None, '...')
    """

    readable = False


class ReadOnlySecret(ReadOnly[T]):
    """A secret that Zendesk creates: `secret: ReadOnlySecret[str]`.

    The attribute has the real text, because programs have to store it elsewhere. Pickles, exports
    and the output of commands do not contain it, and an object without an id cannot be pickled.

    >>> token = OAuthToken(token="hunter2")
    Traceback (most recent call last):
    zendesk_orm.errors.FieldError: OAuthToken.token is set by Zendesk and cannot be assigned
    """


def public_keys(*names: str) -> Any:
    """Name the keys of a secret dictionary whose values may be displayed.

    >>> class Connector(Model):
    ...     login: SecretField[dict[str, str]] = public_keys("user")
    >>> Connector(login={"user": "ann", "password": "hunter2"}).login
    {'user': 'ann', 'password': '...'}
    """
    return names


def hide_texts(value: Any, public: Collection[str] = ()) -> Any:
    """Return a value whose texts are secrets, except those under public keys."""
    if isinstance(value, str):
        return Secret(value)
    if isinstance(value, Mapping):
        return {
            key: item if key in public else hide_texts(item, public) for key, item in value.items()
        }
    if isinstance(value, list):
        return [hide_texts(item, public) for item in value]
    return value


def drop_secrets(fields: Iterable[Attribute[Any]], row: Row) -> Row:
    """Return a row without the values of secret fields; reading one of them fetches the object.

    Raises:
        TypeError: the row has no id, by which the object could be fetched.
    """
    wires = {field.wire for field in fields}
    if row.keys().isdisjoint(wires):
        return row
    if row.get("id") is None:
        raise TypeError(NEVER_PICKLED)
    return PartialRow({key: value for key, value in row.items() if key not in wires})


def drop_sent_secrets(row: Row) -> Row:
    """Return a row without values that were sent and contain secrets."""
    wires = {key for key, value in row.items() if _contains_secret(value)}
    if not wires:
        return row
    return PartialRow({key: value for key, value in row.items() if key not in wires})


def _contains_secret(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_contains_secret, value.values()))
    return isinstance(value, Secret) or (
        isinstance(value, list) and any(map(_contains_secret, value))
    )
