"""Requests for operations of the Help Center, with and without a locale, and of sessions."""

from __future__ import annotations

from typing import Any

from tests.sender import Sender


_PREFIXES = ("help_center", "help_center/en-us")


def _create_article(sender: Sender, section: Any, prefix: str = "help_center") -> Any:
    group = sender.get("guide/permission_groups")["permission_groups"][0]["id"]
    values = {"title": "New", "locale": "en-us", "body": "x", "permission_group_id": group}
    article = {**values, "user_segment_id": None}
    return sender.post(f"{prefix}/sections/{section}/articles", {"article": article})["article"][
        "id"
    ]


def use_articles(sender: Sender) -> None:
    """Create, change and delete categories, sections and articles."""
    for prefix in _PREFIXES:
        category = sender.create(f"{prefix}/categories", "category", name="New", locale="en-us")
        section = sender.create(
            f"{prefix}/categories/{category}/sections", "section", name="New", locale="en-us"
        )
        article = _create_article(sender, section, prefix)
        rows = {
            f"{prefix}/categories/{category}": {"category": {"position": 1}},
            f"{prefix}/sections/{section}": {"section": {"position": 1}},
            f"{prefix}/articles/{article}": {"article": {"promoted": True}},
        }
        for path, body in rows.items():
            sender.put(path, body)
            translated = path.replace("/en-us", "")
            locale = {"locale": "de", "title": "Neu", "body": "x"}
            sender.post(f"{translated}/translations", {"translation": locale})
            (key,) = body
            sender.put(f"{path}/source_locale", {f"{key}_locale": "de"})
        _use_article(sender, f"{prefix}/articles/{article}", prefix)
        for path in reversed(rows):
            sender.delete(path)
    sender.get("help_center/incremental/articles", start_time=1)


def _use_article(sender: Sender, path: str, prefix: str) -> None:
    """Comment on an article, vote, subscribe, label and attach."""
    comment = sender.create(f"{path}/comments", "comment", body="x", locale="en-us")
    sender.put(f"{path}/comments/{comment}", {"comment": {"body": "y"}})
    vote = sender.post(f"{path}/up")["vote"]["id"]
    sender.get(f"help_center/votes/{vote}")
    if prefix == "help_center":
        sender.post(f"{path}/down")
        for name in ("up", "down"):
            sender.post(f"{path}/comments/{comment}/{name}")
    sender.delete(f"help_center/votes/{vote}")
    sender.delete(f"{path}/comments/{comment}")
    label = sender.create(f"{path}/labels", "label", name="new")
    sender.delete(f"{path}/labels/{label}")
    subscription = sender.create(
        f"{path}/subscriptions", "subscription", source_locale="en-us", include_comments=True
    )
    sender.get(f"{path}/subscriptions/{subscription}")
    sender.delete(f"{path}/subscriptions/{subscription}")
    file = sender.upload("help_center/articles/attachments")["article_attachment"]["id"]
    sender.post(f"{path}/bulk_attachments", {"attachment_ids": [file]})
    if prefix == "help_center":
        sender.upload(f"{path}/attachments", data={"inline": "true"})


def use_subscriptions(sender: Sender) -> None:
    """Subscribe to a section and to a user."""
    section = sender.get("help_center/sections")["sections"][0]["id"]
    for prefix in _PREFIXES:
        path = f"{prefix}/sections/{section}/subscriptions"
        pk = sender.create(path, "subscription", source_locale="en-us", include_comments=True)
        sender.get(f"{path}/{pk}")
        sender.delete(f"{path}/{pk}")
    one, other = (row["id"] for row in sender.get("users", role="agent")["users"][:2])
    path = f"help_center/users/{one}/user_subscriptions"
    pk = sender.create(path, "user_subscription", followed_id=other)
    sender.delete(f"{path}/{pk}")


def use_community(sender: Sender) -> None:
    """Vote for posts and their comments."""
    post = sender.get("community/posts")["posts"][0]["id"]
    comment = sender.create(f"community/posts/{post}/comments", "comment", body="x")
    for path in (f"community/posts/{post}", f"community/posts/{post}/comments/{comment}"):
        sender.post(f"{path}/up")
        sender.post(f"{path}/down")


def use_images(sender: Sender) -> None:
    """Create an image of a user from an upload."""
    upload = {"content_type": "image/png", "file_size": 10}
    token = sender.post("guide/user_images/uploads", upload)["upload"]["token"]
    brand = sender.get("brands")["brands"][0]["id"]
    sender.post("guide/user_images", {"token": token, "brand_id": str(brand)})


def use_sessions(sender: Sender) -> None:
    """Sign in, show the token of the request and revoke it, and log out."""
    app = sender.emulator.create_client("app")
    grant = {"grant_type": "client_credentials", "client_id": "app", "client_secret": app.secret}
    token = sender.post("/oauth/tokens", {**grant, "scope": "read write"})["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    sender.get("users/me/session")
    sender.delete("users/me/logout")
    sender.send("GET", "oauth/tokens/current", headers=headers)
    sender.send("DELETE", "oauth/tokens/current", headers=headers)
