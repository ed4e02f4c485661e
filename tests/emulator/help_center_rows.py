"""Rows of each kind in the help center, below which lists are read."""

from __future__ import annotations

from typing import Any

from zendesk_orm.schema import registry


#: Path, key and values of a row, by plural. `{}` is the id of the outer row.
_ROWS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "categories": ("help_center/categories", "category", {"name": "General"}),
    "sections": ("help_center/categories/{}/sections", "section", {"name": "Questions"}),
    "articles": ("help_center/sections/{}/articles", "article", {"title": "Low light"}),
    "comments": ("help_center/articles/{}/comments", "comment", {"body": "x", "locale": "en-us"}),
    "topics": ("community/topics", "topic", {"name": "Cameras"}),
    "posts": ("community/posts", "post", {"title": "Which?"}),
    "groups": ("guide/permission_groups", "permission_group", {"name": "Writers"}),
    "user_segments": ("help_center/user_segments", "user_segment", {"name": "Staff"}),
}
_OUTER = {"sections": "categories", "articles": "sections", "comments": "articles"}
_NAMED = {"articles": ("permission_group_id", "groups"), "posts": ("topic_id", "topics")}


class HelpCenterRows:
    """A help center with one row of each kind."""

    def __init__(self, zendesk: Any) -> None:
        registry.load("help_center")
        self._zendesk = zendesk
        self._ids: dict[str, int] = {}

    def id(self, path: str, name: str) -> Any:
        """Return the value of a placeholder in the path of a list."""
        if name == "locale":
            return "en-us"
        plural = path.partition("/{" + name + "}")[0].rpartition("/")[2]
        if plural == "users":
            return self._zendesk.get("users")["users"][0]["id"]
        if plural == "comments" and path.startswith("community/"):
            return self._comment_on_a_post()
        return self._get_or_create(plural)

    def _get_or_create(self, plural: str) -> int:
        if plural not in self._ids:
            path, key, row = _ROWS[plural]
            field, other = _NAMED.get(plural, ("", ""))
            related = {field: self._get_or_create(other)} if field else {}
            outer = _OUTER.get(plural)
            path = path.format(self._get_or_create(outer)) if outer else path
            self._ids[plural] = self._send(path, key, {**row, **related})
        return self._ids[plural]

    def _comment_on_a_post(self) -> int:
        path = f"community/posts/{self._get_or_create('posts')}/comments"
        return self._send(path, "comment", {"body": "This one"})

    def _send(self, path: str, key: str, row: dict[str, Any]) -> int:
        response = self._zendesk.send("POST", path, {key: row})
        assert response.status_code == 201, response.text
        created: int = response.json()[key]["id"]
        return created
