"""Secret fields: sent, and never displayed."""

from __future__ import annotations

import json
import pickle

import pytest

from zendesk_orm import InvalidValue, Target, connect
from zendesk_orm.http.secret import reveal


PASSWORD = "hunter2"


def _build_target(**values):
    return Target(title="Orders", type="url_target", **values)


def test_an_assigned_secret_is_not_displayed():
    """The reprs of a secret value, of changes and of payloads do not contain the secret."""
    target = _build_target(password=PASSWORD)

    text = f"{target!r} {target.password} {target.changes()} {target.to_payload()}"
    assert PASSWORD not in text
    assert reveal(target.password) == PASSWORD


def test_a_secret_is_sent_as_it_is():
    """The body of a request contains the secret unchanged."""
    body = json.dumps(_build_target(token=PASSWORD).to_payload())

    assert json.loads(body)["token"] == PASSWORD


def test_an_invalid_secret_is_rejected_without_showing_it():
    """The error about an invalid secret contains it neither in its message nor in its context."""
    with pytest.raises(InvalidValue) as caught:
        _build_target(password=[PASSWORD])

    assert "password must be a str" in str(caught.value)
    assert caught.value.__context__ is None


def test_a_secret_of_a_row_is_hidden():
    """A secret that Zendesk returned is displayed as dots."""
    target = Target.from_row({"id": 1, "password": PASSWORD})

    assert repr(target.password) == "'...'"
    assert target.changes() == {}


def test_secrets_are_not_pickled():
    """A pickle contains no secret, and can be loaded."""
    connect("emulator://")
    target = _build_target(password=PASSWORD).save()

    data = pickle.dumps(target)
    assert PASSWORD.encode() not in data
    assert pickle.loads(data).title == "Orders"


def test_an_unsaved_secret_cannot_be_pickled():
    """Pickling an object with an unsaved secret raises, as the edit would be lost."""
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(_build_target(password=PASSWORD))


def test_a_saved_secret_is_removed():
    """After a save, the object does not contain the secret."""
    connect("emulator://")
    target = _build_target().save()
    target.password = PASSWORD
    target.save()

    assert target.changes() == {}
    assert PASSWORD not in repr({key: str(value) for key, value in target.__dict__.items()})
