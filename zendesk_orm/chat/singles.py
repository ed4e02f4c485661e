"""Lookups of single rows by other values than the id.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/introduction/
"""

from __future__ import annotations

from typing import Any, TypeVar

from zendesk_orm.errors import NotFound
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager


R = TypeVar("R", bound=Model)


def get_by_action(manager: Manager[R], action: str, **path: Any) -> R:
    """Return the row in the response to an action.

    Args:
        manager: a manager of the model that declares the action.
        action: the name of the action.
        path: values of the placeholders in its path.

    Raises:
        ObjectDoesNotExist: `DoesNotExist` of the model, if the row does not exist.
    """
    model: Any = manager.model
    verbose_name = model._meta.verbose_name
    try:
        row = manager._call(action, path=path)
    except NotFound as error:
        values = ", ".join(f"{name} {display(value)}" for name, value in path.items())
        raise model.DoesNotExist(f"{verbose_name} with {values} does not exist") from error
    return manager._from_rows([row])[0]
