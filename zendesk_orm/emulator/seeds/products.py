"""The part of the seed `demo` beyond tickets: rules, the Help Center, Talk, Chat, custom objects.

The rows are written by the functions of the API, at times in the past.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zendesk_orm.chat import Chat, Department
from zendesk_orm.emulator.chat.settings import add_shortcut
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import writes
from zendesk_orm.emulator.seeds import contents
from zendesk_orm.emulator.seeds.details import Details
from zendesk_orm.emulator.storage.sql import Where, where_equal
from zendesk_orm.help_center import (
    Article,
    ArticleComment,
    ArticleTranslation,
    Category,
    ContentTag,
    PermissionGroup,
    Post,
    PostComment,
    Section,
    Topic,
    UserSegment,
)
from zendesk_orm.schema.record import Record
from zendesk_orm.support import (
    Automation,
    Bookmark,
    CustomObject,
    CustomObjectField,
    CustomObjectRecord,
    CustomRole,
    DynamicContentItem,
    GroupMembership,
    Holiday,
    Macro,
    OrganizationField,
    OrganizationMembership,
    SatisfactionRating,
    Schedule,
    SlaPolicy,
    SuspendedTicket,
    Ticket,
    Trigger,
    User,
    UserField,
    View,
    Webhook,
)
from zendesk_orm.talk import Call, Leg, PhoneNumber


_DAY = 86_400
#: The age of the rules, in days.
_AGE = 150
_MAX_RATED = 120
_CALLS, _CHATS = 60, 40
#: The number of the calls of today, and the seconds between them.
_TODAY, _CALL_SECONDS = 6, 600
_BUSINESS = [{"start_time": day * 1440 + 540, "end_time": day * 1440 + 1020} for day in range(1, 6)]


class Products:
    """Builder of the rows.

    Args:
        context: the account, with the tickets and the users of the seed.
        agents, people: the users.
        groups: the ids of the groups.
    """

    def __init__(
        self,
        context: Context,
        agents: list[dict[str, Any]],
        people: list[dict[str, Any]],
        groups: list[Any],
    ) -> None:
        self._context = context
        self._agents, self._people, self._groups = agents, people, groups

    def fill(self) -> None:
        """Insert all rows."""
        context = self._context
        user_id, context.user_id = context.user_id, context.owner_id
        for position, step in enumerate(
            (
                *(self._add_rules, self._add_views, self._add_fields, self._add_people),
                *(self._add_help_center, self._add_community, self._add_talk, self._add_chat),
                *(self._add_ratings, self._add_custom_objects, self._add_others),
                *(self._add_calls_of_today, self._add_details),
            )
        ):
            with context.backdate(context.now() - (_AGE - position) * _DAY):
                step()
        context.user_id = user_id

    def _add(self, model: type[Record], payload: Mapping[str, Any], **path: Any) -> dict[str, Any]:
        """Create a row and return it.

        Args:
            model: the model.
            payload: the object in the body of a request.
            path: the values of the placeholders of the path.
        """
        return writes.create_one(self._context, model._meta, payload, path).row

    def _put(self, model: type[Record], values: Mapping[str, Any], created: float = 0) -> None:
        """Insert a row that the API does not create, with a time of creation."""
        meta = model._meta
        with self._context.backdate(created or self._context.now() - _AGE * _DAY):
            payload = {key: value for key, value in values.items() if key != "id"}
            row = writes.create_one(self._context, meta, {}, {}).row
            self._context.write(meta, {**row, **payload})

    def _add_rules(self) -> None:
        for model, payloads in (
            (Macro, contents.MACROS),
            (Trigger, contents.TRIGGERS),
            (Automation, contents.AUTOMATIONS),
            (SlaPolicy, contents.SLA_POLICIES),
            (DynamicContentItem, contents.DYNAMIC_CONTENT),
            (Webhook, contents.WEBHOOKS),
        ):
            for payload in payloads:
                self._add(model, payload)
        schedule = self._add(
            Schedule, {"name": "Office hours", "time_zone": "Berlin", "intervals": _BUSINESS}
        )
        holiday = {"name": "New Year", "start_date": "2027-01-01", "end_date": "2027-01-01"}
        self._add(Holiday, holiday, schedule=schedule["id"])

    def _add_views(self) -> None:
        for payload in contents.VIEWS:
            self._add(View, payload)

    def _add_fields(self) -> None:
        for payload in contents.USER_FIELDS:
            self._add(UserField, payload)
        for payload in contents.ORGANIZATION_FIELDS:
            self._add(OrganizationField, payload)

    def _add_people(self) -> None:
        for number, agent in enumerate(self._agents):
            photo = self._context.store.next_id()
            thumbnails = [_build_photo(photo + 1, agent["id"], "photo_thumb.png", 80)]
            agent["photo"] = _build_photo(photo, agent["id"], "photo.png", 256)
            agent["photo"]["thumbnails"] = thumbnails
            self._context.write(User._meta, agent)
            other = self._groups[number % len(self._groups)]
            if other != agent["default_group_id"]:
                self._add(GroupMembership, {"user_id": agent["id"], "group_id": other})
        organizations = [person["organization_id"] for person in self._people]
        for person, other in zip(self._people[:10], organizations[50:], strict=False):
            if other and person["organization_id"] not in {None, other}:
                payload = {"user_id": person["id"], "organization_id": other}
                self._add(OrganizationMembership, payload)
        self._add(CustomRole, {"name": "Light agent", "description": "May add private comments"})

    def _add_help_center(self) -> None:
        group = self._add(PermissionGroup, {"name": "Agents and admins", "built_in": True})
        self._add(UserSegment, {"name": "Signed-in users", "user_type": "signed_in_users"})
        for tag in ("printers", "billing"):
            self._add(ContentTag, {"name": tag})
        number = 0
        for category, sections in contents.ARTICLES.items():
            parent = self._add(Category, {"name": category})["id"]
            for section, articles in sections.items():
                payload = {"name": section, "description": f"All about {section.lower()}"}
                section_id = self._add(Section, payload, category=parent)["id"]
                for title, body in articles.items():
                    number += 1
                    author = self._agents[number % len(self._agents)]["id"]
                    values: dict[str, Any] = {
                        "title": title,
                        "body": f"<p>{body}</p>",
                        "author_id": author,
                        "permission_group_id": group["id"],
                        "label_names": [section.lower()],
                        "promoted": number == 1,
                    }
                    article = self._add(Article, values, section=section_id)
                    self._add_reactions(article, number)

    def _add_reactions(self, article: Mapping[str, Any], number: int) -> None:
        """Add comments and a translation to some articles."""
        if number % 3 == 0:
            payload = {"title": f"{article['title']} (de)", "body": "<p>Text</p>", "locale": "de"}
            self._add(ArticleTranslation, payload, source=article["id"])
        for person in self._people[number : number + number % 3]:
            comment = {"body": "<p>Thank you!</p>", "locale": "en-us", "author_id": person["id"]}
            self._add(ArticleComment, comment, source=article["id"])

    def _add_community(self) -> None:
        for name, posts in contents.POSTS.items():
            topic = self._add(Topic, {"name": name})["id"]
            for number, (title, details) in enumerate(posts.items()):
                author = self._people[number]["id"]
                payload = {"title": title, "details": details, "author_id": author}
                post = self._add(Post, {**payload, "topic_id": topic})
                comment = {"body": "<p>The same here.</p>", "author_id": self._people[9]["id"]}
                self._add(PostComment, comment, post=post["id"])

    def _add_talk(self) -> None:
        number = self._add(PhoneNumber, {"token": "US:+14155550100", "nickname": "Hotline"})
        self._add_calls(
            number, [self._context.now() - (index + 1) * _DAY for index in range(_CALLS)]
        )

    def _add_calls_of_today(self) -> None:
        """Add calls since midnight, which statistics count."""
        (number,) = self._context.store.select(PhoneNumber._meta.label, Where())
        now = self._context.now()
        times = (now - (index + 1) * _CALL_SECONDS for index in range(_TODAY))
        self._add_calls(number, [max(now // _DAY * _DAY, time) for time in times])

    def _add_details(self) -> None:
        Details(self._context, self._agents, self._people, self._groups).fill()

    def _add_calls(self, number: Mapping[str, Any], times: Sequence[float]) -> None:
        """Add a call at each time, with its leg if an agent accepted it."""
        for index, created in enumerate(times):
            agent, person = self._agents[index % 5]["id"], self._people[index]["id"]
            at, missed = self._context.timestamp(created), index % 7 == 0
            call = {
                "phone_number": number.get("number") or "+14155550100",
                "phone_number_id": number["id"],
                "agent_id": None if missed else agent,
                "customer_id": person,
                "direction": "inbound" if index % 3 else "outbound",
                "completion_status": "abandoned_in_queue" if missed else "completed",
                "duration": 0 if missed else 60 + 7 * index,
                "talk_time": 0 if missed else 50 + 7 * index,
                "wait_time": 5 + index % 20,
                "ticket_id": 1 + index,
                "created_at": at,
                "updated_at": at,
            }
            self._put(Call, call, created)
            if not missed:
                leg = {"type": "agent", "agent_id": agent, "duration": call["duration"]}
                self._put(Leg, {**leg, "created_at": at, "updated_at": at}, created)

    def _add_chat(self) -> None:
        sales = self._add(Department, {"name": "Sales", "enabled": True})
        for name, message in contents.SHORTCUTS.items():
            add_shortcut(self._context, {"name": name, "message": message})
        for index in range(_CHATS):
            person, at = self._people[index], self._context.now() - (index + 1) * _DAY
            text = contents.CHAT_MESSAGES[index % len(contents.CHAT_MESSAGES)]
            moment = self._context.timestamp(at)
            visitor = {"name": person["name"], "email": person["email"], "phone": "", "notes": ""}
            event = {"type": "chat.msg", "name": person["name"], "msg": text, "timestamp": moment}
            chat = {
                "type": "chat",
                "timestamp": moment,
                "message": text,
                "visitor": visitor,
                "history": [event],
                "department_id": sales["id"],
                "rating": ("good", None, None, "bad")[index % 4],
            }
            row = self._add(Chat, chat)
            self._context.write(Chat._meta, {**row, "update_timestamp": moment, "deleted": False})

    def _add_ratings(self) -> None:
        """Rate the first solved tickets, which had been rated before they were closed."""
        store, label = self._context.store, Ticket._meta.label
        tickets = store.select(label, where_equal("status", "closed"), "id DESC")[:_MAX_RATED]
        for number, ticket in enumerate(tickets):
            score = "bad" if number % 6 == 0 else "good"
            values = {
                "ticket_id": ticket["id"],
                "requester_id": ticket["requester_id"],
                "assignee_id": ticket["assignee_id"],
                "group_id": ticket["group_id"],
                "score": score,
                "comment": contents.RATING_COMMENTS[number % len(contents.RATING_COMMENTS)],
                "created_at": ticket["updated_at"],
                "updated_at": ticket["updated_at"],
            }
            self._put(SatisfactionRating, values)

    def _add_custom_objects(self) -> None:
        for payload in contents.CUSTOM_OBJECTS:
            values = {key: value for key, value in payload.items() if key not in {"fields", "rows"}}
            key = self._add(CustomObject, values)["key"]
            for field in payload["fields"]:
                self._add(CustomObjectField, field, custom_object=key)
            for row in payload["rows"]:
                self._add(CustomObjectRecord, row, custom_object_key=key)

    def _add_others(self) -> None:
        self._add(Bookmark, {"ticket_id": 2999})
        for number, person in enumerate(self._people[:5]):
            self._put(
                SuspendedTicket,
                {
                    "author": {
                        "id": None,
                        "name": person["name"],
                        "email": f"spam{number}@x.example",
                    },
                    "subject": f"You won {number}",
                    "content": "Click here.",
                    "cause": "Detected as spam",
                    "cause_id": 0,
                    "error_messages": [],
                    "via": {"channel": "email", "source": {"from": {}, "to": {}, "rel": None}},
                },
            )


def _build_photo(pk: int, user_id: Any, name: str, size: int) -> dict[str, Any]:
    """Return the attachment of a photo."""
    url = f"https://emulator.zendesk.com/system/photos/{user_id}/{name}"
    return {
        "id": pk,
        "url": f"https://emulator.zendesk.com/api/v2/attachments/{pk}.json",
        "file_name": name,
        "content_url": url,
        "mapped_content_url": url,
        "content_type": "image/png",
        "size": size * 40,
        "width": size,
        "height": size,
        "inline": False,
        "deleted": False,
        "thumbnails": [],
    }
