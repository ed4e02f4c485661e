"""The keys of rows in camel case, as Sunshine Conversations writes them."""

from __future__ import annotations

from functools import cache


#: Words that are in capitals within a key: `subscribeSDKClient`.
_CAPITALS = frozenset({"sdk"})


@cache
def to_camel_case(name: str) -> str:
    """Return a name in camel case.

    >>> to_camel_case("last_updated_at")
    'lastUpdatedAt'
    >>> to_camel_case("subscribe_sdk_client")
    'subscribeSDKClient'
    """
    first, *others = name.split("_")
    return first + "".join(
        word.upper() if word in _CAPITALS else word.capitalize() for word in others
    )
