"""Work on tickets: skips, suspended tickets, imports, redaction."""

from __future__ import annotations

from collections.abc import Mapping


#: The schemas of each model.
RECEIVED: Mapping[str, tuple[str, ...]] = {
    "SuspendedTicket": ("SuspendedTicketObject",),
    "TicketSkip": ("TicketSkipObject",),
}

#: Described properties that are not declared.
LEFT_OUT: dict[str, str] = {"TicketSkip.ticket": "a relation here: the row is of its own"}

#: Fields whose access (read-only, write-only) differs from the description.
OTHER_ACCESS: dict[str, str] = {
    "SuspendedTicket.via": "what is suspended is never changed",
    "TicketSkip.reason": "described as read-only, and what a skip is recorded with",
    "TicketSkip.ticket_id": "the same",
}

#: Calls whose responses have another envelope than the described one.
OTHER_ENVELOPES: dict[str, str] = {
    "GET suspended_tickets/{}": "the example is that of the list; other clients read one row",
}

#: Operations that the library does not support.
NOT_SERVED: dict[str, str] = {
    "POST suspended_tickets/attachments": (
        "its page does not describe how it selects tickets; use `suspended_ticket.attachments`"
    ),
}
