"""Exceptions: their classes, messages and pickles."""

from __future__ import annotations

import copy
import inspect
import pickle

import pytest

from zendesk_orm import Group, Ticket, User, errors
from zendesk_orm.errors import (
    ApiError,
    AuthenticationFailed,
    BadRequest,
    BulkError,
    CheckpointStoreError,
    ConfigurationError,
    Conflict,
    ConnectFailed,
    ConnectionLost,
    DatabaseError,
    DryRunError,
    FeatureUnavailable,
    FieldError,
    ForeignHost,
    InvalidValue,
    JobTimeout,
    LazyLoadRefused,
    MalformedResponse,
    MissingScope,
    MultipleObjectsReturned,
    NoEndpoint,
    NotFound,
    ObjectDoesNotExist,
    PermissionDenied,
    RateLimited,
    RequestBudgetExceeded,
    RequestTimeout,
    ResponseTooLarge,
    ResultLimitExceeded,
    SchemaError,
    ServerError,
    SignInFailed,
    SignInRequired,
    StaleObjectError,
    TokenStoreError,
    TransportError,
    UnexpectedValue,
    Unprocessable,
    ValidationError,
    WebhookRejected,
    WebhookRepeated,
    ZendeskError,
)
from zendesk_orm.messages import suggestion


PLAIN = [
    CheckpointStoreError,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    DatabaseError,
    FieldError,
    ForeignHost,
    InvalidValue,
    JobTimeout,
    MultipleObjectsReturned,
    NoEndpoint,
    ObjectDoesNotExist,
    LazyLoadRefused,
    DryRunError,
    RequestBudgetExceeded,
    RequestTimeout,
    TokenStoreError,
    TransportError,
    UnexpectedValue,
    ZendeskError,
    WebhookRejected,
    WebhookRepeated,
]
API_ERRORS = [
    ApiError,
    AuthenticationFailed,
    BadRequest,
    Conflict,
    MalformedResponse,
    MissingScope,
    NotFound,
    FeatureUnavailable,
    PermissionDenied,
    RateLimited,
    ResponseTooLarge,
    ServerError,
    SignInFailed,
    SignInRequired,
    Unprocessable,
]
MODEL_ERRORS = [
    Ticket.DoesNotExist,
    Ticket.MultipleObjectsReturned,
    User.DoesNotExist,
    Group.MultipleObjectsReturned,
]


def _api_error(cls=Unprocessable):
    return cls(
        "PUT",
        "/api/v2/tickets/1",
        422,
        code="RecordInvalid",
        description="Record validation errors",
        details={"subject": ("is too long",), "base": ["is closed", "is locked"]},
        request_id="abc-123",
        retry_after=7.5,
        body={"error": "RecordInvalid"},
    )


def _pickle(error):
    return pickle.loads(pickle.dumps(error))


def test_every_exception_is_tested():
    """Each exception is in a table of this module, or has a test for its arguments."""
    declared = {
        value
        for value in vars(errors).values()
        if inspect.isclass(value) and issubclass(value, ZendeskError)
    }

    tested_alone = {ResultLimitExceeded, BulkError, SchemaError, StaleObjectError, ValidationError}
    assert declared == {*PLAIN, *API_ERRORS, *tested_alone}


@pytest.mark.parametrize("cls", [*PLAIN, *MODEL_ERRORS], ids=lambda cls: cls.__qualname__)
def test_a_plain_exception_can_be_pickled(cls):
    """An exception without data keeps its class and its message."""
    again = _pickle(cls("what went wrong"))

    assert (type(again), str(again)) == (cls, "what went wrong")


@pytest.mark.parametrize("cls", API_ERRORS, ids=lambda cls: cls.__name__)
def test_an_api_error_can_be_pickled(cls):
    """An API error keeps all data of the response."""
    error = _api_error(cls)

    again = _pickle(error)

    assert type(again) is cls
    assert vars(again) == vars(error)
    assert str(again) == str(error)


def test_a_missing_scope_is_pickled_with_its_scopes():
    """A pickled MissingScope keeps its scopes and its message."""
    error = MissingScope(
        "GET", "/api/v2/groups", 403, scopes=("groups:read", "read"), narrowest="groups:read"
    )

    again = _pickle(error)

    assert again.scopes == ("groups:read", "read")
    assert again.narrowest == "groups:read"
    assert str(again) == str(error)


def test_a_schema_error_is_pickled_with_its_problems():
    """A pickled SchemaError keeps its problems."""
    again = _pickle(SchemaError(["Car.size: has no type", "Car.key: is too long"]))

    assert again.problems == ("Car.size: has no type", "Car.key: is too long")


def test_an_api_error_is_pickled_with_its_notes():
    """A pickled API error keeps its notes (PEP 678)."""
    error = _api_error()
    error.__notes__ = ["while closing the ticket"]

    assert _pickle(error).__notes__ == ["while closing the ticket"]


def test_an_api_error_can_be_copied():
    """A copy of an API error has the same data."""
    error = _api_error()

    assert vars(copy.copy(error)) == vars(error)


def test_a_limit_error_is_pickled_with_its_records():
    """A pickled ResultLimitExceeded keeps its records, which are not in its message."""
    again = _pickle(ResultLimitExceeded("stopped after 1,000 rows", (Ticket(id=1), Ticket(id=2))))

    assert str(again) == "stopped after 1,000 rows"
    assert again.fetched == (Ticket(id=1), Ticket(id=2))


def test_a_bulk_error_is_pickled_with_its_result():
    """A pickled BulkError keeps its result, which is not in its message."""
    again = _pickle(BulkError("1 of 2 failed", {"failed": 1}))

    assert (str(again), again.result) == ("1 of 2 failed", {"failed": 1})


def test_a_validation_error_is_pickled_with_its_details():
    """A pickled ValidationError keeps the messages of each field."""
    again = _pickle(ValidationError("no", {"name": ["is required"], "base": "is odd"}))

    assert (str(again), again.error_dict) == ("no", {"name": ["is required"], "base": ["is odd"]})
    assert again.messages == ["is required", "is odd"]


@pytest.mark.parametrize(
    ("cls", "base"),
    [
        (FieldError, TypeError),
        (InvalidValue, ValueError),
        (ObjectDoesNotExist, LookupError),
        (TransportError, OSError),
        (RequestTimeout, TimeoutError),
        (JobTimeout, TimeoutError),
        (PermissionDenied, PermissionError),
        (MissingScope, PermissionDenied),
        (RequestTimeout, ConnectionLost),
        (Unprocessable, ValidationError),
        (ConnectionLost, TransportError),
    ],
)
def test_exceptions_inherit_from_more_general_ones(cls, base):
    """An exception is a subclass of a similar one of Python, or of a more general one."""
    assert issubclass(cls, base)


def test_the_message_contains_request_details_and_request_id():
    """The message contains the request, the details of the response and its request id."""
    expected = (
        "PUT /api/v2/tickets/1 answered 422"
        " · RecordInvalid: Record validation errors"
        " · subject: is too long; base: is closed, is locked"
        " · request id abc-123"
    )

    assert str(_api_error()) == expected


def test_the_message_omits_unknown_parts():
    """The message of a response without details has no empty parts."""
    assert str(NotFound("GET", "/api/v2/users/1", 404)) == "GET /api/v2/users/1 answered 404"


def test_permission_denied_has_a_message():
    """PermissionDenied has the message of an API error, although it is an OSError."""
    error = PermissionDenied("GET", "/api/v2/users/1", 403, code="Forbidden")

    assert str(error) == "GET /api/v2/users/1 answered 403 · Forbidden"
    assert error.errno is None


def test_validation_errors_are_grouped_by_field():
    """`error_dict` has the messages of each field, as in Django."""
    expected = {"subject": ["is too long"], "base": ["is closed", "is locked"]}

    assert _api_error().error_dict == expected


def test_each_model_has_its_own_exceptions():
    """DoesNotExist of a model is an ObjectDoesNotExist, but not that of another model."""
    assert issubclass(Ticket.DoesNotExist, ObjectDoesNotExist)
    assert not issubclass(Ticket.DoesNotExist, User.DoesNotExist)
    assert Ticket.DoesNotExist.__qualname__ == "Ticket.DoesNotExist"


@pytest.mark.parametrize(
    ("name", "names", "expected"),
    [
        ("stauts", ["subject", "status"], "; did you mean 'status'?"),
        ("colour", ["b", "a"], "; known are: a, b"),
        ("colour", [], ""),
        ("", ["b", "a"], "; known are: a, b"),
    ],
)
def test_suggestions_name_the_most_similar_name_or_all(name, names, expected):
    """A suggestion is the most similar name, or else the list of all names."""
    assert suggestion(name, names) == expected
