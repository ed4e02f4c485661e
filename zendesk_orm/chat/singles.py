"""Rows that Chat shows by something else than their id.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/introduction/
"""

from __future__ import annotations

from typing import Any, TypeVar

from zendesk_orm.errors import NotFound
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model


R = TypeVar("R", bound=Model)


def shown(manager: Manager[R], action: str, **path: Any) -> R:
    """Return the row that an action shows.

    Args:
        manager: of the model that declares the action.
        action: its name.
        path: what stands in its path.

    Raises:
        ObjectDoesNotExist: the model's own; there is none.
    """
    model: Any = manager.model
    try:
        row = manager._call(action, path=path)
    except NotFound as error:
        told = ", ".join(f"{name} {value!r}" for name, value in path.items())
        raise model.DoesNotExist(f"there is no {model._meta.verbose_name} of {told}") from error
    return manager._made([row])[0]
