"""Exceptions: one tree, messages that help, and all of them can be pickled."""

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
    ConfigurationError,
    Conflict,
    ConnectFailed,
    ConnectionLost,
    DryRunError,
    FeatureUnavailable,
    FieldError,
    ForeignHost,
    InvalidValue,
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
    ServerError,
    SignInFailed,
    SignInRequired,
    StaleObjectError,
    TokenStoreError,
    TransportError,
    UnexpectedValue,
    Unprocessable,
    ValidationError,
    ZendeskError,
)
from zendesk_orm.suggestions import suggestion


PLAIN = [
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    FieldError,
    ForeignHost,
    InvalidValue,
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
]
ANSWERED = [
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
OWN = [
    Ticket.DoesNotExist,
    Ticket.MultipleObjectsReturned,
    User.DoesNotExist,
    Group.MultipleObjectsReturned,
]


def _answered(cls=Unprocessable):
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


def _sent(error):
    return pickle.loads(pickle.dumps(error))


def test_no_exception_is_left_out_of_these_tests():
    """Every exception of the module is in one of the tables above, or has arguments of its own."""
    declared = {
        value
        for value in vars(errors).values()
        if inspect.isclass(value) and issubclass(value, ZendeskError)
    }

    own = {ResultLimitExceeded, BulkError, StaleObjectError, ValidationError}
    assert declared == {*PLAIN, *ANSWERED, *own}


@pytest.mark.parametrize("cls", [*PLAIN, *OWN], ids=lambda cls: cls.__qualname__)
def test_a_plain_exception_is_pickled(cls):
    """The class and the message arrive at the other end."""
    again = _sent(cls("what went wrong"))

    assert (cls, "what went wrong") == (type(again), str(again))


@pytest.mark.parametrize("cls", ANSWERED, ids=lambda cls: cls.__name__)
def test_an_answer_is_pickled_whole(cls):
    """All that Zendesk said arrives at the other end."""
    error = _answered(cls)

    again = _sent(error)

    assert cls is type(again)
    assert vars(error) == vars(again)
    assert str(error) == str(again)


def test_a_missing_scope_is_pickled_with_its_scopes():
    """The scopes that are missing arrive at the other end, and stay in the message."""
    error = MissingScope(
        "GET", "/api/v2/groups", 403, scopes=("groups:read", "read"), narrowest="groups:read"
    )

    again = _sent(error)

    assert ("groups:read", "read") == again.scopes
    assert "groups:read" == again.narrowest
    assert str(error) == str(again)


def test_an_answer_with_a_note_is_pickled():
    """A note that somebody added (PEP 678) comes along rather than breaking the pickle."""
    error = _answered()
    error.__notes__ = ["while closing the ticket"]

    assert ["while closing the ticket"] == _sent(error).__notes__


def test_an_answer_is_copied():
    """copy.copy() goes the way of pickle, and gives the same answer."""
    error = _answered()

    assert vars(error) == vars(copy.copy(error))


def test_a_limit_is_pickled_with_what_was_fetched():
    """The records that did arrive come along, and stay out of the message."""
    again = _sent(ResultLimitExceeded("stopped after 1,000 rows", (Ticket(id=1), Ticket(id=2))))

    assert "stopped after 1,000 rows" == str(again)
    assert (Ticket(id=1), Ticket(id=2)) == again.fetched


def test_a_bulk_error_is_pickled_with_its_result():
    """The result comes along, and stays out of the message."""
    again = _sent(BulkError("1 of 2 failed", {"failed": 1}))

    assert ("1 of 2 failed", {"failed": 1}) == (str(again), again.result)


def test_a_validation_error_is_pickled_with_what_is_wrong():
    """The sentences about each field come along."""
    again = _sent(ValidationError("no", {"name": ["is required"], "base": "is odd"}))

    assert ("no", {"name": ["is required"], "base": ["is odd"]}) == (str(again), again.error_dict)
    assert ["is required", "is odd"] == again.messages


@pytest.mark.parametrize(
    ("cls", "builtin"),
    [
        (FieldError, TypeError),
        (InvalidValue, ValueError),
        (ObjectDoesNotExist, LookupError),
        (TransportError, OSError),
        (RequestTimeout, TimeoutError),
        (PermissionDenied, PermissionError),
        (MissingScope, PermissionDenied),
        (RequestTimeout, ConnectionLost),
        (Unprocessable, ValidationError),
        (ConnectionLost, TransportError),
    ],
)
def test_an_exception_is_what_python_would_raise_too(cls, builtin):
    """Code that catches Python's own exception catches ours."""
    assert issubclass(cls, builtin)


def test_the_message_tells_request_details_and_request_id():
    """Everything that helps is in one sentence."""
    expected = (
        "PUT /api/v2/tickets/1 answered 422"
        " · RecordInvalid: Record validation errors"
        " · subject: is too long; base: is closed, is locked"
        " · request id abc-123"
    )

    assert expected == str(_answered())


def test_the_message_leaves_out_what_is_not_known():
    """There are no empty parts in the sentence."""
    assert "GET /api/v2/users/1 answered 404" == str(NotFound("GET", "/api/v2/users/1", 404))


def test_a_denial_has_a_message_although_it_is_an_os_error():
    """OSError reads two arguments as errno and text; ours are not."""
    error = PermissionDenied("GET", "/api/v2/users/1", 403, code="Forbidden")

    assert "GET /api/v2/users/1 answered 403 · Forbidden" == str(error)
    assert error.errno is None


def test_the_errors_of_a_validation_are_by_field():
    """`error_dict` is Django's name for the details."""
    expected = {"subject": ["is too long"], "base": ["is closed", "is locked"]}

    assert expected == _answered().error_dict


def test_each_model_has_its_own_exceptions():
    """A missing user is not a missing ticket, and both are a missing object."""
    assert issubclass(Ticket.DoesNotExist, ObjectDoesNotExist)
    assert not issubclass(Ticket.DoesNotExist, User.DoesNotExist)
    assert "Ticket.DoesNotExist" == Ticket.DoesNotExist.__qualname__


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("stauts", ["subject", "status"], "; did you mean 'status'?"),
        ("colour", ["b", "a"], "; known are: a, b"),
        ("colour", [], ""),
        ("", ["b", "a"], "; known are: a, b"),
    ],
)
def test_a_suggestion_names_the_nearest_or_all(name, known, expected):
    """A near name is suggested; without one all are told; without any, nothing."""
    assert expected == suggestion(name, known)
