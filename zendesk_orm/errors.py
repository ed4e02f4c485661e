"""Every exception that the library raises, under one root.

::

    ZendeskError
    ├── ConfigurationError          no account, or incomplete settings
    ├── FieldError                  an unknown field, lookup or keyword (also TypeError)
    ├── InvalidValue                a value that no request can contain (also ValueError)
    ├── SchemaError                 an account cannot have the declared custom fields
    ├── UnexpectedValue             a value in a response is invalid (also ValueError)
    ├── NoEndpoint                  no endpoint of Zendesk answers this query
    ├── ResultLimitExceeded         Zendesk's limit was reached before the last row
    ├── RequestBudgetExceeded       the query would cost more requests than allowed
    ├── TokenStoreError             tokens of a sign-in cannot be read or stored
    ├── CheckpointStoreError        checkpoints cannot be read or stored, or are damaged
    ├── DatabaseError               a database cannot run a statement, or is damaged
    ├── LazyLoadRefused             strict_loading() prevented a request for a related row
    ├── ObjectDoesNotExist          no row matches (also LookupError)
    ├── DryRunError                 a dry run of the account is open in another thread
    ├── MultipleObjectsReturned     several rows match, but one was expected
    ├── ValidationError             a row that Zendesk would refuse, or has refused
    ├── StaleObjectError            the same field was changed by another client meanwhile
    ├── BulkError                   some objects of a bulk operation failed
    ├── JobTimeout                  a job has not ended in time (also TimeoutError)
    ├── ForeignHost                 a link or redirect left the account's host
    ├── WebhookRejected             a request is not a genuine, recent delivery of a webhook
    │   └── WebhookRepeated         the delivery was received before
    ├── TransportError              no response was received (also OSError)
    │   ├── ConnectFailed           nothing was sent
    │   └── ConnectionLost          the request may have been applied
    │       └── RequestTimeout      the response did not arrive in time (also TimeoutError)
    └── ApiError                    Zendesk's response is not a success
        ├── BadRequest              400 and any other 4xx
        ├── AuthenticationFailed    401
        │   └── SignInFailed        no access token was granted
        │       └── SignInRequired  a person has to sign in again
        ├── PermissionDenied        403 (also PermissionError)
        │   ├── FeatureUnavailable  the plan or the role does not include the feature
        │   └── MissingScope        the token lacks a scope; 401 in a few places
        ├── NotFound                404
        ├── Conflict                409
        ├── Unprocessable           422 (also a ValidationError)
        ├── RateLimited             429
        ├── ServerError             5xx
        └── MalformedResponse       the body does not match the status
            └── ResponseTooLarge    the body is larger than `connect(max_response_bytes=)` allows

An `ApiError` contains the request, the status and Zendesk's details. All can be pickled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zendesk_orm.messages import display, shorten


_NOT_FOUND = 404
_Details = Mapping[str, Iterable[str] | str]


class ZendeskError(Exception):
    """The root of every exception of this library.

    Attributes:
        repeated: whether the request was sent before, and that attempt may have been applied.
        resume: the text with which `resume()` continues the ended iteration; None without one.
    """

    repeated: bool = False
    resume: str | None = None


class ConfigurationError(ZendeskError):
    """No account is configured, or its settings are incomplete."""


class FieldError(ZendeskError, TypeError):
    """The name of a field, lookup or keyword that does not exist."""


class InvalidValue(ZendeskError, ValueError):
    """A value that cannot be sent: a naive datetime, an unknown choice, a wrong type."""


class SchemaError(ZendeskError):
    """Declared custom fields that an account cannot have; nothing was sent.

    Attributes:
        problems: a line for each problem, with the declaration and the remedy.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "; ".join(self.problems)


class UnexpectedValue(ZendeskError, ValueError):
    """A value in a response that has another type than its field; the other fields can be read."""


class NoEndpoint(ZendeskError):
    """No endpoint of Zendesk answers the query; the message gives the reason for each endpoint."""


class ResultLimitExceeded(ZendeskError):
    """Zendesk returns fewer rows than the result has.

    Attributes:
        fetched: the records that were returned, in order.
    """

    def __init__(self, message: str, fetched: tuple[Any, ...] = ()) -> None:
        super().__init__(message, fetched)
        self.message, self.fetched = message, fetched

    def __str__(self) -> str:
        return self.message


class RequestBudgetExceeded(ZendeskError):
    """The query would cost more requests than `max_requests()` allows."""


class TokenStoreError(ZendeskError):
    """The tokens of a sign-in cannot be read or stored; the next request tries again."""


class CheckpointStoreError(ZendeskError):
    """The checkpoints of exports cannot be read or stored, or are damaged."""


class DatabaseError(ZendeskError):
    """A database of a warehouse, or of stored changes, cannot be used; its error is the cause."""


class LazyLoadRefused(ZendeskError):
    """Reading a value would make a request, which `strict_loading()` forbids."""


class ObjectDoesNotExist(ZendeskError, LookupError):
    """No row matches although one was expected; each model has its own subclass."""


class DryRunError(ZendeskError):
    """A change was not sent, because a dry run of its account is open elsewhere."""


class MultipleObjectsReturned(ZendeskError):
    """Several rows match although one was expected; each model has its own subclass."""


class ValidationError(ZendeskError):
    """A row that Zendesk has rejected, or would reject; in the latter case, nothing was sent.

    Attributes:
        details: field -> list of problems.
    """

    details: dict[str, list[str]]

    def __init__(self, message: str, details: _Details | None = None) -> None:
        super().__init__(message)
        if not isinstance(self, ApiError):
            self.details = {
                name: [problems] if isinstance(problems, str) else list(problems)
                for name, problems in (details or {"base": message}).items()
            }

    @property
    def error_dict(self) -> dict[str, list[str]]:
        """The problems of each field; `base` for those of the whole record."""
        return self.details

    message_dict = error_dict

    @property
    def messages(self) -> list[str]:
        """The problems of all fields."""
        return [problem for problems in self.details.values() for problem in problems]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.args[0], self.details)


class StaleObjectError(ZendeskError):
    """Another client changed the same fields of a row since it was loaded; nothing was sent.

    The object has the current row and its unsaved changes. To resolve the conflict, look at
    `.collisions`, assign the values to keep, and save again.

    Attributes:
        instance: the object.
        collisions: field -> (the loaded value, the assigned value, the current value at Zendesk).
    """

    def __init__(self, instance: Any, collisions: Mapping[str, tuple[Any, Any, Any]]) -> None:
        super().__init__(instance, collisions)
        self.instance, self.collisions = instance, dict(collisions)

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields."""
        return tuple(self.collisions)

    def __str__(self) -> str:
        differences = "; ".join(
            f"{name} was {display(base)}, is {display(now)}, and {display(mine)} was to be saved"
            for name, (base, mine, now) in self.collisions.items()
        )
        return f"{display(self.instance)} was changed by another client: {differences}"


class BulkError(ZendeskError):
    """Some objects of a bulk operation failed; raised after the whole operation has run.

    Attributes:
        result: the `BulkResult`, with one outcome for each object.
    """

    def __init__(self, message: str, result: Any = None) -> None:
        super().__init__(message, result)
        self.message, self.result = message, result

    def __str__(self) -> str:
        return self.message


class JobTimeout(ZendeskError, TimeoutError):
    """A job, or a merge, has not ended in time; Zendesk continues it."""


class ForeignHost(ZendeskError):
    """A link or a redirect points outside the account's host; nothing was sent there."""


class WebhookRejected(ZendeskError):
    """A request is not a genuine and recent delivery of a webhook; respond with status 401."""


class WebhookRepeated(WebhookRejected):
    """The delivery was received before; respond with status 200, and do nothing."""


class TransportError(ZendeskError, OSError):
    """The request received no response."""


class ConnectFailed(TransportError):
    """No connection was made, so nothing can have been applied."""


class ConnectionLost(TransportError):
    """The connection broke after the request was sent: it may have been applied."""


class RequestTimeout(ConnectionLost, TimeoutError):
    """The response did not arrive in time; the request may have been applied."""


#: The most characters that a message contains of one text of a response, and of a response.
_MAX_TEXT, _MAX_MESSAGE = 2_000, 10_000


class ApiError(ZendeskError):
    """Zendesk responded with an error.

    Attributes:
        method, path: the request, without host and credentials.
        status: the HTTP status.
        code: Zendesk's name for the error (`RecordInvalid`), or `""`.
        description: Zendesk's description, or the start of the body.
        details: field -> list of problems.
        texts: every text of the error, in the order of the body.
        request_id: the id of the request, for Zendesk's support.
        retry_after: seconds that Zendesk asked to wait, or None.
        body: the decoded body, or its text.
        remedy: the known cause, and how to fix it.
        served_at: the time of the response by Zendesk's clock, in seconds since the epoch, or None.
    """

    remedy: str = ""
    served_at: float | None = None

    def __init__(  # noqa: PLR0913 - all that is known of a failure, by keyword
        self,
        method: str,
        path: str,
        status: int,
        *,
        code: str = "",
        description: str = "",
        details: Mapping[str, Iterable[str]] | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        body: Any = None,
        texts: Iterable[str] = (),
    ) -> None:
        self.method, self.path, self.status = method, path, status
        self.code, self.description = code, description
        self.details = {field: list(problems) for field, problems in (details or {}).items()}
        self.request_id, self.retry_after = request_id, retry_after
        self.body, self.texts = body, tuple(texts)
        super().__init__(self._sentence())

    def _answer(self) -> str:
        """Return the request and the response in one line."""
        summary = ": ".join(_shorten(part) for part in (self.code, self.description) if part)
        fields = "; ".join(
            f"{shorten(field)}: {', '.join(map(_shorten, problems))}"
            for field, problems in self.details.items()
        )
        texts = (text for text in map(_shorten, self.texts) if text not in f"{summary} {fields}")
        others = "; ".join(texts)
        number = f"request id {shorten(self.request_id)}" if self.request_id else ""
        answer = f"answered {self.status}" if self.status else "was not sent"
        parts = (f"{self.method} {self.path} {answer}", summary, fields, others)
        shown = shorten(" · ".join(part for part in parts if part), _MAX_MESSAGE)
        return f"{shown} · {number}" if number else shown

    def _sentence(self) -> str:
        return " · ".join(part for part in (self._answer(), self.remedy) if part)

    def explain(self, remedy: str) -> None:
        """Add the cause and the remedy to the message."""
        self.remedy = "; ".join(part for part in (self.remedy, remedy) if part)
        self.args = (self._sentence(),)

    def __reduce__(self) -> tuple[Any, ...]:
        # The arguments are keyword-only, which the default pickling of exceptions loses.
        return (_restore, (type(self), dict(self.__dict__)))


def _shorten(text: str) -> str:
    return shorten(text, _MAX_TEXT)


def _restore(cls: type[ApiError], state: dict[str, Any]) -> ApiError:
    error = cls(state["method"], state["path"], state["status"])
    error.__dict__.update(state)
    error.args = (error._sentence(),)
    return error


class BadRequest(ApiError):
    """400, or another 4xx without a class: the request is wrong."""


class AuthenticationFailed(ApiError):
    """401: the credentials are wrong, expired or missing; `remedy` names the rejected ones."""

    def _sentence(self) -> str:
        if not self.remedy:
            return super()._sentence()
        # The remedy comes first. Without a status, nothing was sent.
        return f"{self.remedy} ({self._answer()})" if self.status else self.remedy


class SignInFailed(AuthenticationFailed):
    """Zendesk granted no access token; the message names the rejected credentials and why."""


class SignInRequired(SignInFailed):
    """The refresh token is used up, revoked or expired: a person has to sign in again.

    It is raised without another request until the token store has a new token.
    """


class PermissionDenied(ApiError, PermissionError):
    """403: the role, the plan or the token's scope does not allow it."""


class FeatureUnavailable(PermissionDenied):
    """402, 403 or 404: the feature is not part of the account's plan, or of the user's role.

    A misspelt path in `account.raw` causes the same response.
    """

    def _sentence(self) -> str:
        cause = "the feature is not part of the account's plan, or of the user's role"
        if self.status == _NOT_FOUND:
            cause += "; or the path is misspelt"
        return f"{super()._sentence()} · {cause}"


class MissingScope(PermissionDenied):
    """403, in a few places 401: the OAuth token lacks the scope that the request needs.

    A new token with the same scopes is refused, too.

    Attributes:
        scopes: the scopes of which any one suffices, from Zendesk's response or from the
            library's table.
        narrowest: the scope among them that allows the least, or "" if it is unknown.
    """

    def __init__(
        self, *request: Any, scopes: Iterable[str] = (), narrowest: str = "", **answer: Any
    ) -> None:
        self.scopes, self.narrowest = tuple(scopes), narrowest
        super().__init__(*request, **answer)

    def _sentence(self) -> str:
        scope = self.narrowest or " ".join(self.scopes) or "read write"
        lacks = f"the token needs {' or '.join(self.scopes) or 'another scope'}"
        if self.narrowest and len(self.scopes) > 1:
            lacks += f", of which {self.narrowest} allows the least"
        return (
            f'{lacks}; add "{scope}" to the scope= of ClientCredentials(...), or to the --scope '
            f"of zendesk-orm login ({super()._sentence()})"
        )


class NotFound(ApiError):
    """404: the record does not exist."""


class Conflict(ApiError):
    """409: another client changed or created the record at the same time.

    423 is another case: a conversation of Sunshine Conversations has 30,000 messages.
    """


class Unprocessable(ApiError, ValidationError):
    """422: the request violates a rule of Zendesk; see `error_dict`."""


class RateLimited(ApiError):
    """429, or a wait for the limit `endpoint` that is too long (`status` 0: nothing was sent)."""

    endpoint: str = ""


class ServerError(ApiError):
    """5xx: Zendesk failed."""


class MalformedResponse(ApiError):
    """The status is a success, but the body is not the expected JSON."""


class ResponseTooLarge(MalformedResponse):
    """The body is larger than `connect(max_response_bytes=)` allows; the rest was not read."""
