"""Macros with unusual values of actions."""

from __future__ import annotations


ACTIONS = {
    "assignee_id": ["", "current_user", "x"],
    "brand_id": ["1", "x"],
    "cc": ["current_user", "x"],
    "comment_mode_is_public": ["false", True],
    "comment_value": ["Hello", ["channel:all", "Hello"]],
    "comment_value_html": ["<b>Hello</b>"],
    "current_tags": ["a b", ["a"]],
    "custom_fields_1": ["x"],
    "priority": ["urgent"],
    "status": ["solved"],
    "subject": ["{{ticket.id}}"],
}


def test_a_macro_can_be_applied_whatever_its_values(zendesk):
    """A macro that could be created is applied, and empty values add no comment."""
    pk = zendesk.create_ticket()["id"]
    failures, comments = [], {}
    for name, values in ACTIONS.items():
        for value in (*values, None, "", [], {}, 5):
            macro = {"title": f"{name} {value}", "actions": [{"field": name, "value": value}]}
            response = zendesk.send("POST", "macros", {"macro": macro})
            if response.status_code != 201:
                failures += [(name, value)] if response.status_code >= 500 else []
                continue
            path = f"macros/{response.json()['macro']['id']}/apply"
            for address in (path, f"tickets/{pk}/{path}"):
                applied = zendesk.send("GET", address)
                if applied.status_code != 200:
                    failures.append((name, value))
                elif name == "comment_value":
                    comment = applied.json()["result"]["ticket"].get("comment") or {}
                    comments[str(value)] = comment.get("body")

    assert failures == []
    assert comments == {
        "Hello": "Hello",
        "['channel:all', 'Hello']": "Hello",
        "None": None,
        "": None,
        "[]": None,
        "{}": "{}",
        "5": "5",
    }
