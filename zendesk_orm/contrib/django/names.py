"""Models by the names that commands accept."""

from __future__ import annotations

from typing import Any

from zendesk_orm.schema import registry


def find_model(name: str) -> Any:
    """Return the model of a name: `Ticket`, or `help_center.Article`.

    Raises:
        FieldError: it does not exist; the message suggests a similar name.
    """
    product, _, model = name.rpartition(".")
    # The message of the error suggests models that are loaded.
    registry.load(product or "support")
    return registry.find(model, product or "support")
