"""The paths of OAuth that are answered by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zendesk_orm.emulator.oauth import authorizations, clients, grants, tokens
from zendesk_orm.emulator.world import AUTHORIZATIONS, TOKENS, Answer, Call, Target, World


_CLIENT, _TOKEN = "support.OAuthClient", "support.OAuthToken"

ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "oauth/tokens", _TOKEN): tokens.list_rows,
    ("GET", "oauth/tokens/current", _TOKEN): tokens.show_current,
    ("DELETE", "oauth/tokens/current", _TOKEN): tokens.revoke_current,
    ("PUT", "oauth/clients/{}/generate_secret", _CLIENT): clients.generate_secret,
    ("GET", "users/me/oauth/clients", _CLIENT): clients.list_own,
    # At the account's host, but not of its API.
    ("GET", AUTHORIZATIONS, _TOKEN): authorizations.authorize,
    ("POST", TOKENS, _TOKEN): grants.exchange,
}
