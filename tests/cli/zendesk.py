"""A small authorization server for browsers and the command line."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, urlencode

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response


REDIRECT = "http://127.0.0.1:{port}/callback"
SECRET = "s3cr3t-of-the-client"
ME = {"id": 7, "name": "Ada Lovelace", "email": "ada@acme.com", "role": "agent"}


class Quiet(WSGIRequestHandler):
    def log(self, *args):
        pass


class Zendesk:
    """An account with the clients `desktop` (public) and `server` (confidential).

    Attributes:
        redirects: the redirect URLs that are registered.
        state: the value that replaces `state` in redirects.
        denied: whether the user declines.
        known: the scopes that exist.
        requests: method, path and body of each request.
        living: rows of the access tokens that are not revoked, by token.
        refresh: clients of the refresh tokens that are not used, by token.
    """

    def __init__(self):
        self.redirects, self.state, self.denied = set(), None, False
        self.known = {"read", "write", "users:read"}
        self.requests, self.codes, self.living, self.refresh = [], {}, {}, {}
        self._server = make_server("127.0.0.1", 0, self.app, True, 1, Quiet)
        self.url = f"http://127.0.0.1:{self._server.port}"
        self.host = self.url.removeprefix("http://")
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def issued(self):
        """All secrets that were issued or received."""
        return [*self.codes, *self.living, *self.refresh, SECRET]

    @Request.application
    def app(self, request):
        body = request.get_json(silent=True) or {}
        self.requests.append((request.method, request.path, body))
        route = {
            ("GET", "/oauth/authorizations/new"): self.authorize,
            ("POST", "/oauth/tokens"): self.tokens,
            ("GET", "/api/v2/oauth/tokens/current"): self.current,
            ("DELETE", "/api/v2/oauth/tokens/current"): self.revoke,
            ("GET", "/api/v2/users/me"): self.me,
        }[request.method, request.path]
        return route(request, body)

    def authorize(self, request, body):
        parameters = request.args
        if parameters["redirect_uri"] not in self.redirects:
            return Response("redirect_uri is not registered", 400)
        assert parameters["code_challenge_method"] == "S256"
        answer = {"state": self.state or parameters["state"]}
        if self.denied:
            answer |= {"error": "access_denied", "error_description": "The end-user said <no>"}
        else:
            answer["code"] = secrets.token_hex(16)
            self.codes[answer["code"]] = dict(parameters)
        return Response("", 302, {"Location": f"{parameters['redirect_uri']}?{urlencode(answer)}"})

    def tokens(self, request, body):
        client = body["client_id"]
        if client not in {"desktop", "server"} or (
            client == "server" and body.get("client_secret") != SECRET
        ):
            return refusal(401, "invalid_client")
        if body["grant_type"] == "authorization_code":
            pending = self.codes.get(body["code"])
            if pending is None or pending.get("used"):
                return refusal(400, "invalid_grant")
            pending["used"] = True
            digest = hashlib.sha256(body["code_verifier"].encode()).digest()
            challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
            wrong = challenge != pending["code_challenge"]
            if wrong or body["redirect_uri"] != pending["redirect_uri"]:
                return refusal(400, "invalid_grant")
            scope = [name for name in pending["scope"].split() if name in self.known]
        else:
            pair = self.refresh.pop(body["refresh_token"], None)
            if pair is None or pair["client"] != client:
                return refusal(400, "invalid_grant")
            self.living.pop(pair["access"], None)
            scope = pair["scope"]
        return self.grant(client, scope, body["expires_in"], body["refresh_token_expires_in"])

    def grant(self, client, scope, seconds, refresh_seconds):
        access, refresh = secrets.token_hex(32), secrets.token_hex(32)
        self.living[access] = {
            "id": 1,
            "user_id": ME["id"],
            "token": access[:10],
            "scopes": scope,
            "expires_at": moment(seconds),
            "refresh_token_expires_at": moment(refresh_seconds),
        }
        self.refresh[refresh] = {"client": client, "access": access, "scope": scope}
        return answer(
            {
                "access_token": access,
                "refresh_token": refresh,
                "token_type": "bearer",
                "scope": " ".join(scope),
                "expires_in": seconds,
                "refresh_token_expires_in": refresh_seconds,
            }
        )

    def current(self, request, body):
        row = self.living.get(bearer(request))
        return refusal(401, "invalid_token") if row is None else answer({"token": row})

    def revoke(self, request, body):
        row = self.living.pop(bearer(request), None)
        return refusal(401, "invalid_token") if row is None else Response("", 204)

    def me(self, request, body):
        header = request.headers.get("Authorization", "")
        if header.startswith("Bearer ") and bearer(request) not in self.living:
            return refusal(401, "invalid_token")
        if request.authorization and request.authorization.password == "wr0ng":
            return refusal(401, "Couldn't authenticate you")
        return answer({"user": ME if header else {"id": None, "name": "Anonymous user"}})


def bearer(request):
    return request.headers.get("Authorization", "").removeprefix("Bearer ")


def answer(data, status=200):
    return Response(json.dumps(data), status, content_type="application/json")


def refusal(status, code):
    return answer({"error": code, "error_description": "No."}, status)


def moment(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def query(url):
    """Return the query of a URL as a dictionary."""
    return {name: values[0] for name, values in parse_qs(url.partition("?")[2]).items()}
