"""The part of the seed `demo` that is created by requests: what most accounts have a few of.

They create neither tickets nor users, and change none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zendesk_orm.chat import Account as ChatAccount
from zendesk_orm.chat import (
    Agent,
    AgentEvent,
    AgentTimeline,
    Conversion,
    Department,
    DepartmentEvent,
)
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request
from zendesk_orm.emulator.messaging.access import DEFAULT_APP, select_app
from zendesk_orm.emulator.seeds import contents
from zendesk_orm.emulator.server.bodies import parse_body
from zendesk_orm.emulator.server.parameters import convert_request
from zendesk_orm.emulator.server.router import Router
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.help_center import Article, Post, Topic
from zendesk_orm.messaging import App
from zendesk_orm.schema.options import Options
from zendesk_orm.talk import GreetingCategory


_DAY, _HOUR = 86_400, 3_600
_TICKET = 2990
#: The number of events of Chat of each kind.
_EVENTS = 12
_APP = f"~/sc/v2/apps/{DEFAULT_APP}"


class Details:
    """Builder of the rows.

    Args:
        context: the account, with the other rows of the seed.
        agents, people: the users.
        groups: the ids of the groups.
    """

    def __init__(
        self,
        context: Context,
        agents: Sequence[Mapping[str, Any]],
        people: Sequence[Mapping[str, Any]],
        groups: Sequence[Any],
    ) -> None:
        self._context = context
        self._agents = [agent["id"] for agent in agents]
        self._people, self._groups = people, groups
        self._router = Router()

    def fill(self) -> None:
        """Insert all rows."""
        self._add_rules()
        self._add_work()
        self._add_assets()
        self._add_help_center()
        self._add_talk()
        self._add_chat()
        self._add_messages()

    def _send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """Handle a request, and return the object of the response."""
        text = dump_json(body)
        request = Request(method, path, body=parse_body(text.encode()), text=text)
        request = select_app(self._context, request)
        route, values = self._router.find(method, request.path)
        request = convert_request(request, route.bind(values)[0])
        response = route.handle(self._context, request, values)
        result = parse_body(response.text.encode())
        return next(iter(result.values()), None) if len(result) == 1 else result

    def _post(self, path: str, key: str = "", **values: Any) -> Any:
        """Create a row; the body of the request contains it in a key, unless the key is ""."""
        return self._send("POST", path, {key: values} if key else values)

    def _select(self, meta: Options) -> list[dict[str, Any]]:
        """Return the rows of a model, ordered by id."""
        return self._context.store.select(meta.label, Where())

    def _write(self, meta: Options, **values: Any) -> None:
        """Insert a row that the API does not create."""
        row = {**build_row(meta), **values}
        row["id"] = resources.generate_id(self._context, meta)
        self._context.write(meta, row)

    def _add_rules(self) -> None:
        group = self._groups[0]
        for path, key, values in contents.CONFIGURATION:
            self._post(path, key, **values)
        definition = {"all": [contents.when("priority", "is", "urgent")], "any": []}
        groups = {"primary_groups_id": [group], "secondary_groups_id": []}
        queue = {"order": 1, "priority": 1, "definition": definition, **groups}
        self._post("queues", "queue", name="Urgent", description="Urgent tickets", **queue)
        condition = {"field": "group_id", "operator": "includes", "value": [group]}
        metric = {"priority": "normal", "metric": "group_ownership_time", "target": 3600}
        self._post(
            "group_slas/policies",
            "group_sla_policy",
            title="Ownership of an hour",
            filter={"all": [condition]},
            policy_metrics=[{**metric, "business_hours": False}],
        )
        attribute = self._post("routing/attributes", "attribute", name="Language")["id"]
        for name in ("German", "French"):
            path = f"routing/attributes/{attribute}/values"
            value = self._post(path, "attribute_value", name=name)["id"]
            for agent in self._agents[1:3]:
                path = f"routing/agents/{agent}/instance_values"
                self._post(path, attribute_value_ids=[value])

    def _add_work(self) -> None:
        organization = next(
            person["organization_id"] for person in self._people if person["organization_id"]
        )
        subscription = {"user_id": self._people[0]["id"], "organization_id": organization}
        self._post("organization_subscriptions", "organization_subscription", **subscription)
        message = {"subject": "Refund", "body": "Can you pay it back?"}
        to = [{"email": "bank@example.com"}]
        self._post(f"tickets/{_TICKET}/side_conversations", "message", **message, to=to)
        self._post("skips", "skip", ticket_id=_TICKET, reason="Waits for a colleague")
        issue = {"issue_id": "10001", "issue_key": "PRINT-1", "ticket_id": str(_TICKET)}
        self._post("~/api/services/jira/links", "link", **issue)
        article = str(self._select(Article._meta)[0]["id"])
        pin = {"ticket_id": str(_TICKET), "content_id": article, "content_type": "article"}
        self._post("ticket_content_pins", "ticket_content_pin", **pin)

    def _add_assets(self) -> None:
        root = "it_asset_management"
        type_ = self._post(f"{root}/asset_types", "asset_type", name="Printer")["id"]
        status = self._post(f"{root}/statuses", "status", name="In use")["id"]
        location = self._post(f"{root}/locations", "location", name="Berlin")["id"]
        for number in (1, 2, 3):
            asset = {"asset_type_id": type_, "status_id": status, "location_id": location}
            user = self._people[number]["id"]
            self._post(f"{root}/assets", "asset", name=f"Printer {number}", user_id=user, **asset)

    def _add_help_center(self) -> None:
        article, post = self._select(Article._meta)[0], self._select(Post._meta)[0]
        topic, section = self._select(Topic._meta)[0]["id"], article["section_id"]
        for path in (f"help_center/articles/{article['id']}", f"help_center/sections/{section}"):
            self._post(f"{path}/subscriptions", "subscription", source_locale="en-us")
        for path in (f"community/posts/{post['id']}", f"community/topics/{topic}"):
            self._post(f"{path}/subscriptions", "subscription")
        self._post(f"help_center/articles/{article['id']}/up")
        self._post(f"community/posts/{post['id']}/up")
        redirect = {"redirect_from": "/hc/en-us/old", "redirect_to": "/hc/en-us"}
        brand = {"brand_id": str(self._context.brand_id), "redirect_status": "301"}
        self._post("guide/redirect_rules", "redirect_rule", **redirect, **brand)
        category = self._post(
            "gather/badge_categories", "badge_category", name="Helpers", slug="helpers"
        )["id"]
        badge = self._post(
            "gather/badges", "badge", badge_category_id=category, name="Answers", description="Ten"
        )["id"]
        user = str(self._people[0]["id"])
        self._post("gather/badge_assignments", "badge_assignment", badge_id=badge, user_id=user)

    def _add_talk(self) -> None:
        # Documented: the first two categories.
        for pk, name in enumerate(("voicemail", "available"), start=1):
            self._context.write(GreetingCategory._meta, {"id": pk, "name": name})
        self._post("channels/voice/addresses", "address", **contents.ADDRESS)
        self._post("channels/voice/greetings", "greeting", name="Welcome", category_id=2)
        ivr = self._post("channels/voice/ivr", "ivr", name="Main")["id"]
        menu = self._post(f"channels/voice/ivr/{ivr}/menus", "ivr_menu", name="Start")["id"]
        option = {"keypress": "1", "action": "group", "options": {"group_ids": [self._groups[0]]}}
        self._post(f"channels/voice/ivr/{ivr}/menus/{menu}/routes", "ivr_route", **option)
        for agent in self._agents[:5]:
            path = f"channels/voice/availabilities/{agent}"
            self._send("PUT", path, {"availability": {"agent_state": "online"}})

    def _add_chat(self) -> None:
        (department, *_) = self._select(Department._meta)
        for path, values in contents.CHAT_SETTINGS:
            self._post(path, **values)
        self._post("chat/skills", name="german", enabled=True, members=self._agents[:2])
        owner = self._context.store.get("support.User", self._context.owner_id)
        agents = [owner, *(self._context.store.get("support.User", pk) for pk in self._agents[:5])]
        created = self._context.timestamp()
        for user in filter(None, agents):
            # Documented: the ids are those of Support.
            first, _, last = user["name"].partition(" ")
            is_owner = user["id"] == self._context.owner_id
            roles = {"owner": is_owner, "administrator": user["role"] == "admin"}
            row = {"id": user["id"], "first_name": first, "last_name": last, "enabled": True}
            row |= {"email": user["email"], "display_name": user["name"], "roles": roles}
            departments = {
                name: [department["id"]] for name in ("departments", "enabled_departments")
            }
            default = build_row(Agent._meta)
            self._context.write(
                Agent._meta, {**default, **row, **departments, "create_date": created}
            )
        row = {**resources.get_singleton(self._context, ChatAccount._meta).doc, "status": "active"}
        self._context.write(ChatAccount._meta, {**row, "create_date": created})
        self._add_chat_events(department)

    def _add_chat_events(self, department: Mapping[str, Any]) -> None:
        now, timestamp = self._context.now(), self._context.timestamp
        for number in range(_EVENTS):
            agent, start = self._agents[number % 5], timestamp(now - (number + 1) * _HOUR)
            values = ("offline", "online") if number % 2 else ("online", "offline")
            event = {"field_name": "status", "previous_value": values[0], "value": values[1]}
            self._write(AgentEvent._meta, account_id=1, agent_id=agent, timestamp=start, **event)
            self._write(
                DepartmentEvent._meta, department_id=department["id"], timestamp=start, **event
            )
            span = {"status": values[1], "duration": 3600.0, "engagement_count": number % 3}
            self._write(AgentTimeline._meta, agent_id=agent, start_time=start, **span)
        self._write(Conversion._meta, goal_name="Order", timestamp=timestamp(now - _DAY))

    def _add_messages(self) -> None:
        app = {**build_row(App._meta), "id": DEFAULT_APP, "displayName": "Emulator"}
        self._context.write(App._meta, app)
        person = self._people[0]
        profile = {"givenName": person["name"].partition(" ")[0]}
        user = self._post(f"{_APP}/users", externalId="shop-1", profile=profile)["id"]
        participants = [{"userId": user}]
        pk = self._post(f"{_APP}/conversations", type="personal", participants=participants)["id"]
        for author, text in (
            ({"type": "user", "userId": user}, "Where is my order?"),
            ({"type": "business"}, "It was sent yesterday."),
        ):
            content = {"type": "text", "text": text}
            self._post(f"{_APP}/conversations/{pk}/messages", author=author, content=content)
