"""Requests for operations of business rules, custom objects, channels and the account."""

from __future__ import annotations

import json

from tests.sender import Sender


_CONDITION = {"field": "status", "operator": "is", "value": "open"}
_HOURS = {"field": "PENDING", "operator": "is", "value": "24"}
_ACTION = {"field": "priority", "value": "high"}


def use_rules(sender: Sender) -> None:
    """Send the requests about rules that the lifecycles of their models do not send."""
    rules = {
        "automations": ("automation", {"all": [_CONDITION, _HOURS], "actions": [_ACTION]}),
        "macros": ("macro", {"actions": [_ACTION]}),
        "triggers": ("trigger", {"all": [_CONDITION], "actions": [_ACTION]}),
        "views": ("view", {"all": [_CONDITION]}),
    }
    for path, (key, values) in rules.items():
        pk = sender.create(path, key, title="New", **values)
        sender.put(f"{path}/update_many", {path: [{"id": pk, "active": True}]})
        sender.delete(f"{path}/destroy_many", params={"ids": str(pk)})
    triggers = [row["id"] for row in sender.get("triggers")["triggers"]]
    sender.put("triggers/reorder", {"trigger_ids": triggers})
    category = sender.create("trigger_categories", "trigger_category", name="New", position=0)
    job = {
        "job": {
            "action": "patch",
            "items": {"trigger_categories": [{"id": category, "position": 1}]},
        }
    }
    sender.post("trigger_categories/jobs", job)
    ticket, macro = 2990, sender.get("macros")["macros"][0]["id"]
    sender.get("macros/new", macro_id=macro)
    sender.get(f"tickets/{ticket}/macros/{macro}/apply")
    for path in ("macros/attachments", f"macros/{macro}/attachments"):
        sender.upload(path, "attachment", data={"filename": "a.png"})
    view = sender.get("views")["views"][0]["id"]
    sender.get(f"views/{view}/tickets")
    preview = {"view": {"all": [_CONDITION], "output": {"columns": ["subject"]}}}
    sender.post("views/preview", preview)
    sender.post("views/preview/count", preview)
    _use_policies(sender)


def _use_policies(sender: Sender) -> None:
    conditions = {"all": [{"field": "type", "operator": "is", "value": "incident"}], "any": []}
    metrics = [{"priority": "low", "metric": "first_reply_time", "target": 60}]
    policy = sender.create("slas/policies", "sla_policy", title="New", filter=conditions)
    sender.put("slas/policies/reorder", params={"sla_policy_ids": str(policy)})
    conditions = {"all": [{"field": "group_id", "operator": "includes", "value": [1]}]}
    metrics[0]["metric"] = "group_ownership_time"
    policy = sender.create(
        "group_slas/policies",
        "group_sla_policy",
        title="New",
        filter=conditions,
        policy_metrics=metrics,
    )
    sender.put("group_slas/policies/reorder", params={"group_sla_policy_ids": [policy]})
    item = sender.create(
        "dynamic_content/items",
        "item",
        name="Snowboard",
        default_locale_id=1,
        variants=[{"locale_id": 1, "default": True, "content": "x"}],
    )
    path = f"dynamic_content/items/{item}/variants"
    sender.post(
        f"{path}/create_many",
        {"variants": [{"locale_id": 2, "active": True, "default": False, "content": "y"}]},
    )
    rows = sender.get(path)["variants"]
    sender.put(f"{path}/update_many", {"variants": [{"id": rows[0]["id"], "content": "z"}]})
    conditions = {"all": [_CONDITION], "any": []}
    workspaces = [
        sender.create(
            "workspaces",
            "workspace",
            title=title,
            description="d",
            conditions=conditions,
            macros=[],
            ticket_form_id=sender.get("ticket_forms")["ticket_forms"][0]["id"],
        )
        for title in ("One", "Two")
    ]
    sender.put("workspaces/reorder", {"ids": workspaces})
    sender.delete("workspaces/destroy_many", params={"ids": str(workspaces[0])})
    group = sender.get("groups")["groups"][0]["id"]
    sender.create(
        "queues",
        "queue",
        name="New",
        description="d",
        definition=conditions,
        priority=1,
        primary_groups_id=[group],
    )
    queues = [queue["id"] for queue in sender.get("queues")["queues"]]
    sender.send("PATCH", "queues/order", {"queue_ids": queues})


def use_custom_objects(sender: Sender) -> None:
    """Send the requests about custom objects and assets."""
    path = "custom_objects/device"
    fields = [row["id"] for row in sender.get(f"{path}/fields")["custom_object_fields"]]
    sender.put(f"{path}/fields/reorder", {"custom_object_field_ids": fields})
    record = sender.create(f"{path}/records", "custom_object_record", name="New", external_id="x1")
    body = {"custom_object_record": {"name": "Newer"}}
    sender.send("PATCH", f"{path}/records?external_id=x1", body)
    sender.get(f"{path}/records/count")
    sender.get(f"{path}/records/search", query="new")
    sender.get(f"{path}/records/autocomplete", name="new")
    sender.post(f"{path}/records/search", {"filter": {"name": {"$contains": "Newer"}}})
    sender.get("incremental/custom_objects/device/cursor", start_time=1)
    job = {"job": {"action": "create", "items": [{"name": "Many"}]}}
    sender.post(f"{path}/jobs", job)
    policy = f"{path}/permission_policies/end-user"
    sender.get(policy)
    sender.send("PATCH", policy, {"policy": {"records": {"read": {"allowed": True}}}})
    trigger = {"title": "New", "conditions": {"all": [], "any": []}, "actions": []}
    pk = sender.post(f"{path}/triggers", {"trigger": trigger})["trigger"]["id"]
    sender.put(f"{path}/triggers/update_many", {"triggers": [{"id": pk, "active": False}]})
    sender.delete(f"{path}/triggers/destroy_many", params={"ids": str(pk)})
    _use_object_files(sender, f"{path}/records/{record}/attachments")
    sender.delete(f"{path}/records", params={"external_id": "x1"})
    field = sender.create(
        "ticket_fields",
        "ticket_field",
        type="lookup",
        title="Owner",
        relationship_target_type="zen:user",
    )
    user = sender.get("users/me")["user"]["id"]
    sender.get(f"zen:user/{user}/relationship_fields/{field}/zen:ticket")
    sender.get("relationships/definitions/zen:user")
    sender.post("it_asset_management/assets/search", {"filter": {"name": {"$contains": "x"}}})
    sender.post("it_asset_management/assets/jobs", {"job": {"action": "delete", "items": ["1"]}})


def _use_object_files(sender: Sender, path: str) -> None:
    allowed = {"custom_object": {"allows_attachments": True}}
    sender.send("PATCH", "custom_objects/device", allowed)
    sender.upload(path, "uploaded_data")
    (row,) = sender.get(path)["custom_object_record_attachments"]
    key = "custom_object_record_attachment"
    sender.get(f"{path}/{row['id']}/download")
    sender.put(f"{path}/{row['id']}", {key: {"malware_access_override": True}})
    sender.delete(f"{path}/{row['id']}")


def use_routing(sender: Sender) -> None:
    """Send the requests about the skills of agents and tickets."""
    attribute = sender.create("routing/attributes", "attribute", name="Language")
    path = f"routing/attributes/{attribute}/values"
    value = sender.create(path, "attribute_value", name="English")
    agent = sender.get("users", role="agent")["users"][0]["id"]
    for owner in (f"agents/{agent}", "tickets/2990"):
        sender.post(f"routing/{owner}/instance_values", {"attribute_value_ids": [value]})
        sender.get(f"routing/{owner}/instance_values")
    job = {"action": "update", "attributes": {"attribute_values": []}, "items": [agent]}
    sender.post("routing/agents/instance_values/jobs", {"job": job})


def use_account(sender: Sender) -> None:
    """Send the requests about the account, brands, addresses and OAuth."""
    sender.get("accounts/available", subdomain="new")
    owner = {"name": "Ann", "email": "ann@new.example", "password": "secret"}
    account = {"name": "New", "subdomain": "new", "help_desk_size": "1-9", "language": "en-US"}
    sender.post("accounts", {"account": account, "owner": owner, "address": {"phone": "1"}})
    sender.get("autocomplete/tags", name="pri")
    brand = sender.get("brands")["brands"][0]["id"]
    sender.get("brands/check_host_mapping", host_mapping="help.x.example", subdomain="acme")
    form = {"brand[logo][uploaded_data]": ("a.png", b"\x89PNG", "image/png")}
    sender.put(f"brands/{brand}/logo", files=form)
    sender.delete(f"brands/{brand}/logo")
    sender.post("audit_logs/export")
    sender.get("email_notifications/show_many", ticket_ids="2990")
    sender.post("push_notification_devices/destroy_many", {"push_notification_devices": ["x"]})
    address = sender.create(
        "recipient_addresses", "recipient_address", name="Help", email="help@x.example"
    )
    sender.put(f"recipient_addresses/{address}/verify", {"type": "forwarding"})
    payload = {"payload": {"ticket_fields": {"color": {"type": "text", "title": "Color"}}}}
    sender.post("resource_collections", payload)
    sender.finish_jobs()
    (row,) = sender.get("resource_collections")["resource_collections"]
    sender.put(f"resource_collections/{row['id']}", payload)
    sender.finish_jobs()
    sender.delete(f"resource_collections/{row['id']}")
    client = sender.create(
        "oauth/clients", "client", name="New", identifier="new", kind="confidential"
    )
    sender.put(f"oauth/clients/{client}/generate_secret")


def use_channels(sender: Sender) -> None:
    """Send the requests about messages from elsewhere, and about calls."""
    sender.post("any_channel/push", {"instance_push_id": "x", "external_resources": []})
    for name in ("validate_token", "channelback/report_error"):
        sender.post(f"any_channel/{name}", {"instance_push_id": "x"})
    agent = sender.get("users", role="agent")["users"][0]["id"]
    for place in ("tickets/2990", f"users/{agent}"):
        sender.post(f"channels/voice/agents/{agent}/{place}/display")
    ticket = {"subject": "x", "comment": {"body": "y"}, "via_id": 45, "priority": "urgent"}
    sender.post("channels/voice/tickets", {"ticket": ticket})
    handle = {"model": "MonitoredTwitterHandle", "row": {"id": 900, "screen_name": "zendesk"}}
    source = {"from": {"conversation_id": "c1"}, "to": {}, "rel": None}
    via = {"channel": "native_messaging", "source": source}
    message = {"model": "Ticket", "row": {"id": 9_000, "status": "open", "via": via}}
    sender.emulator.load([json.dumps(handle), json.dumps(message)])
    tweet = {"twitter_status_message_id": 8_605_426_295_771_136, "monitored_twitter_handle_id": 900}
    sender.post("channels/twitter/tickets", {"ticket": tweet})
    comment = sender.get("tickets/2990/comments")["comments"][0]["id"]
    sender.get(f"channels/twitter/tickets/{comment}/statuses", ids="23,45")
    sender.get("tickets/messaging/conversations/c1/ticket")
