"""Rows for the lists that are short in an account with a row or two of each model."""

from __future__ import annotations

from typing import Any

from tests.sender import Sender
from tests.support.seeding import seed_rows
from tests.tokens import user_token
from zendesk_orm import chat
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.support import AppRequirement, EmailNotification, Engagement, User


#: The number of rows of each list: more than a page of two.
COUNT = 3


class Contents:
    """Adds at least three rows to lists that a generated account leaves short.

    Args:
        emulator: an emulator with a row of every model.
    """

    def __init__(self, emulator: Emulator) -> None:
        self.sender = Sender(emulator)
        self.emulator = emulator
        #: Values of required parameters that match the rows.
        self.values: dict[str, str] = {}
        self.agents = [self.add_user(f"copy agent {n}", role="agent") for n in range(COUNT)]
        self.users = [self.add_user(f"copy {n}", role="end-user") for n in range(COUNT)]
        self.tokens = [user_token(emulator, User(id=user)) for user in self.agents]

    def add(self) -> None:
        """Add all rows."""
        self.add_memberships()
        self.add_tickets()
        self.add_custom_objects()
        self.add_articles()
        self.add_posts()
        self.add_profiles()
        self.add_routing()
        self.add_talk_and_chat()
        self.add_other_rows()

    def add_user(self, name: str, **values: Any) -> Any:
        """Create a user and return the id."""
        email = f"{name.replace(' ', '.')}@example.com"
        return self.sender.create("users", "user", name=name, email=email, **values)

    def add_memberships(self) -> None:
        """Put agents into groups, users into organizations, and a user into several of them."""
        groups = [self.sender.create("groups", "group", name=f"g {n}") for n in range(COUNT)]
        organizations = [
            self.sender.create("organizations", "organization", name=f"o {n}") for n in range(COUNT)
        ]
        pairs = {(self.agents[0], group) for group in groups}
        for user, group in pairs | {(agent, groups[0]) for agent in self.agents}:
            self.sender.create(
                "group_memberships", "group_membership", user_id=user, group_id=group
            )
        pairs = {(self.users[0], organization) for organization in organizations}
        for user, organization in pairs | {(user, organizations[0]) for user in self.users}:
            values = {"user_id": user, "organization_id": organization}
            self.sender.create("organization_memberships", "organization_membership", **values)
            self.sender.create("organization_subscriptions", "organization_subscription", **values)
        self.organization = organizations[0]
        for n in range(COUNT):
            deleted = self.add_user(f"deleted {n}")
            self.sender.delete(f"users/{deleted}")
        self.sender.delete(f"deleted_users/{deleted}")

    def add_tickets(self) -> None:
        """Create tickets with collaborators, incidents, comments and conversations."""
        people = {
            "followers": [{"user_id": agent, "action": "put"} for agent in self.agents],
            "email_ccs": [{"user_id": user, "action": "put"} for user in self.users],
        }
        ticket = {"subject": "x", "requester_id": self.users[0], "tags": ["red", "green", "blue"]}
        ticket |= {"organization_id": self.organization, "assignee_id": self.agents[0], **people}
        tickets = [self.add_ticket(**ticket, type="problem", status="open") for _ in range(COUNT)]
        for _ in range(COUNT):
            self.add_ticket(**ticket, type="incident", problem_id=tickets[0], status="solved")
        for n in range(COUNT):
            comment = {"body": f"comment {n}", "author_id": self.users[0]}
            self.sender.put(f"tickets/{tickets[0]}", {"ticket": {"comment": comment}})
            self.sender.create("skips", "skip", ticket_id=tickets[0], reason="later")
            pin = {"ticket_id": str(tickets[0]), "content_id": str(n), "content_type": "article"}
            self.sender.post("ticket_content_pins", {"ticket_content_pin": pin})
            message = {"subject": "x", "body": "y", "to": [{"email": "bank@example.com"}]}
            path = f"tickets/{tickets[0]}/side_conversations"
            pk = self.sender.post(path, {"message": message})["side_conversation"]["id"]
            for _ in range(COUNT):
                self.sender.post(f"{path}/{pk}/reply", {"message": message})
        self.ticket = tickets[0]
        owner = self.sender.get("users/me")["user"]["id"]
        copied = [{"user_id": owner, "action": "put"}]
        for n in range(COUNT):
            for status in ("open", "solved"):
                self.add_ticket(subject="copy", requester_id=owner, status=status)
            self.add_ticket(requester_id=self.users[0], email_ccs=copied)
            # Assignments by others are activities of the owner.
            assigned = self.add_ticket(requester_id=self.users[0])
            headers = {"Authorization": f"Bearer {self.tokens[0]}"}
            values = {"ticket": {"assignee_id": owner}}
            self.sender.put(f"tickets/{assigned}", values, headers=headers)
            condition = {"field": "status", "operator": "is", "value": "open"}
            self.sender.create("views", "view", title=f"copy {n}", all=[condition])
            self.sender.put("requests/1", {"request": {"comment": {"body": "copy"}}})

    def add_ticket(self, **values: Any) -> Any:
        """Create a ticket and return its id."""
        return self.sender.create("tickets", "ticket", comment={"body": "x"}, **values)

    def add_custom_objects(self) -> None:
        """Create objects with fields, policies and records, which have files and events."""
        path, titles = "custom_objects", {"title": "copy", "title_pluralized": "copies"}
        for n in range(COUNT):
            key = {"key": f"o{n}", "allows_attachments": True}
            self.sender.post(path, {"custom_object": {**titles, **key}})
            values = {"key": f"f{n}", "title": "copy", "type": "text"}
            self.sender.post(f"{path}/o0/fields", {"custom_object_field": values})
            role = self.sender.create("custom_roles", "custom_role", name=f"copy {n}")
            self.sender.get(f"{path}/o0/permission_policies/custom-role-{role}")
        for n in range(COUNT):
            record = self.sender.create(f"{path}/o0/records", "custom_object_record", name="copy")
            for _ in range(COUNT):
                self.sender.upload(f"{path}/o0/records/{record}/attachments", "uploaded_data")
                values = {"custom_object_record": {"name": f"copy {n}"}}
                self.sender.send("PATCH", f"{path}/o0/records/{record}", values)

    def add_articles(self) -> None:
        """Create articles with votes, labels, comments, files and subscriptions."""
        root = "help_center"
        values: dict[str, Any] = {"locale": "en-us"}
        category = self.sender.create(f"{root}/categories", "category", name="copy", **values)
        below = f"{root}/categories/{category}"
        sections = [
            self.sender.create(
                f"{root}/categories/{category}/sections", "section", name="copy", **values
            )
            for _ in range(COUNT)
        ]
        for locale in ("de", "fr"):
            translation = {"translation": {"locale": locale, "title": "copy", "body": "x"}}
            self.sender.post(f"{below}/translations", translation)
        group = self.sender.get("guide/permission_groups")["permission_groups"][0]["id"]
        article = {"title": "copy", "body": "copy", "permission_group_id": group, "promoted": True}
        pks = [
            self.sender.create(
                f"{root}/sections/{sections[0]}/articles",
                "article",
                **article,
                **values,
                user_segment_id=None,
            )
            for _ in range(COUNT)
        ]
        for path in (f"{root}/articles/{pks[0]}", f"{root}/sections/{sections[0]}"):
            for user in self.users:
                subscription = {"source_locale": "en-us", "user_id": user}
                self.sender.create(f"{path}/subscriptions", "subscription", **subscription)
        comments = f"{root}/articles/{pks[0]}/comments"
        for _ in range(COUNT):
            comment = self.sender.create(comments, "comment", body="copy", locale="en-us")
        for name in ("red", "green", "blue"):
            self.sender.post(f"{root}/articles/{pks[0]}/labels", {"label": {"name": name}})
            form = {"inline": "true"}
            self.sender.upload(f"{root}/articles/{pks[0]}/attachments", data=form)
        self.add_votes(f"{root}/articles/{pks[0]}", f"{comments}/{comment}")

    def add_votes(self, *paths: str) -> None:
        """Vote for contents in the name of several users."""
        for path in paths:
            for token in self.tokens:
                self.sender.post(f"{path}/up", headers={"Authorization": f"Bearer {token}"})

    def add_posts(self) -> None:
        """Create posts with votes."""
        segment = {"name": "copy", "user_type": "signed_in_users"}
        segment = self.sender.create("help_center/user_segments", "user_segment", **segment)
        for _ in range(COUNT):
            values = {"name": "copy", "user_segment_id": segment}
            topic = self.sender.create("community/topics", "topic", **values)
        for _ in range(COUNT):
            post = self.sender.create(
                "community/posts", "post", title="copy", details="x", topic_id=topic
            )
        comments = f"community/posts/{post}/comments"
        comment = self.sender.create(comments, "comment", body="copy")
        self.add_votes(f"community/posts/{post}", f"{comments}/{comment}")
        for user in self.users:
            path = f"help_center/users/{user}/user_subscriptions"
            self.sender.create(path, "user_subscription", followed_id=self.agents[0])

    def add_profiles(self) -> None:
        """Create profiles with events."""
        self.values["identifier"] = "shop:person:external_id:p0"
        for n in range(COUNT):
            identifiers = [{"type": "external_id", "value": f"p{n}"}]
            profile = {"source": "shop", "type": "person", "identifiers": identifiers}
            event = {"source": "shop", "type": "order", "properties": {"total": n}}
            body = {"profile": {**profile, "name": f"profile {n}"}, "event": event}
            for _ in range(COUNT):
                self.sender.post(f"users/{self.users[0]}/events", body)

    def add_routing(self) -> None:
        """Give agents and tickets attribute values, and agents capacity rules."""
        attribute = self.sender.create("routing/attributes", "attribute", name="Language")
        path = f"routing/attributes/{attribute}/values"
        values = [self.sender.create(path, "attribute_value", name=f"v{n}") for n in range(COUNT)]
        for path in (f"routing/agents/{self.agents[0]}", f"routing/tickets/{self.ticket}"):
            self.sender.post(f"{path}/instance_values", {"attribute_value_ids": values})
        self.values["filter[agent_ids]"] = ",".join(map(str, self.agents))
        rule = self.sender.get("capacity/rules")
        rule = next(iter(rule.values()))[0]["id"] if isinstance(rule, dict) else rule[0]["id"]
        self.sender.send("PATCH", f"capacity/rules/{rule}/agents", {"agents": self.agents})

    def add_talk_and_chat(self) -> None:
        """Insert the events of Chat, and the routes of a menu."""
        now = self.emulator._context.timestamp()
        times = {"timestamp": now, "start_time": now, "update_timestamp": now}
        for model in (chat.AgentEvent, chat.AgentTimeline, chat.Conversion, chat.DepartmentEvent):
            rows = [{**build_row(model._meta), "id": f"{n}", **times} for n in range(COUNT)]
            seed_rows(self.emulator, model, *rows)
        chats = [
            {**build_row(chat.Chat._meta), "id": f"{n}.copy", "type": "chat", **times}
            for n in range(COUNT)
        ]
        seed_rows(self.emulator, chat.Chat, *chats)
        path = "channels/voice/ivr"
        ivr = self.sender.create(path, "ivr", name="copy")
        menu = self.sender.create(f"{path}/{ivr}/menus", "ivr_menu", name="copy")
        for n in range(COUNT):
            route = {"keypress": str(n), "action": "group", "options": {"group_ids": []}}
            self.sender.create(f"{path}/{ivr}/menus/{menu}/routes", "ivr_route", **route)

    def add_other_rows(self) -> None:
        """Insert what apps, dynamic contents and notifications leave."""
        installation = self.sender.get("apps/installations")["installations"][0]["id"]
        for location in ("top_bar", "nav_bar", "user_sidebar"):
            order = {"location_name": location, "installations": [installation]}
            self.sender.post("apps/location_installations/reorder", order)
        requirements = [
            {**build_row(AppRequirement._meta), "id": n, "requirement_id": n, "identifier": f"r{n}"}
            for n in range(1, COUNT + 1)
        ]
        seed_rows(self.emulator, AppRequirement, *requirements, parent=installation)
        notifications = [
            {**build_row(EmailNotification._meta), "id": n, "notification_id": n, "ticket_id": 1}
            for n in range(1, COUNT + 1)
        ]
        seed_rows(self.emulator, EmailNotification, *notifications)
        engagements = [
            {**build_row(Engagement._meta), "engagement_id": f"e{n}", "id": f"e{n}"}
            for n in range(COUNT)
        ]
        seed_rows(self.emulator, Engagement, *engagements)
        names = [f"copy {n}" for n in range(COUNT)]
        for name in names:
            variant = {"locale_id": 1, "default": True, "content": "x"}
            values = {"name": name, "default_locale_id": 1, "variants": [variant]}
            self.sender.create("dynamic_content/items", "item", **values)
        items = self.sender.get("dynamic_content/items")["items"]
        self.values["identifiers"] = ",".join(item["placeholder"] for item in items)
