"""Talk, whose operations are described only by name and path."""

from __future__ import annotations


_STATS = "channels/voice/stats"
_PAGE = "told by Zendesk's page on it; the table of Talk's operations has no parameters"

#: Parameters that Zendesk does not describe for a path, with their sources.
PARAMS_UNDESCRIBED: dict[tuple[str, str], str] = {
    ("GET channels/voice/phone_numbers/search", "area_code"): _PAGE,
    ("GET channels/voice/phone_numbers/search", "contains"): _PAGE,
    ("GET channels/voice/phone_numbers/search", "country"): _PAGE,
    ("GET channels/voice/phone_numbers/search", "toll_free"): _PAGE,
    (f"GET {_STATS}/agents_activity", "group_ids"): _PAGE,
    (f"GET {_STATS}/incremental/calls", "start_time"): _PAGE,
    (f"GET {_STATS}/incremental/legs", "start_time"): _PAGE,
}
