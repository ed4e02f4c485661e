"""Parameters that Zendesk describes and no endpoint sends, by reason."""

from __future__ import annotations

from collections.abc import Mapping


_REASONS: Mapping[str, tuple[str, ...]] = {
    "rows are changed and deleted by the ids that objects have": (
        "DELETE organizations/destroy_many external_ids",
        "DELETE users/destroy_many external_ids",
        "PUT organizations/update_many external_ids",
        "PUT users/update_many external_ids",
    ),
    "the account at the brand's host asks for users of the brand": (
        "DELETE users/destroy_many brand_id",
        "GET users brand_id",
        "GET users/autocomplete brand_id",
        "GET users/count brand_id",
        "GET users/search brand_id",
        "GET users/show_many brand_id",
        "POST end_users/{}/identities brand_id",
        "POST users/{}/identities brand_id",
        "PUT users/update_many brand_id",
        "GET security_settings brand_id",
    ),
    "it adds keys to rows, which a deletion does not return": ("DELETE ticket_fields/{} creator",),
    "it leaves keys out of rows, which the library would fetch when they are read": (
        "GET ticket_fields/show_many exclude_sub_selection_options",
        "GET tickets/{} reduced_payload_size",
        "GET tickets/{} remove_duplicate_fields",
        "GET users/{}/tickets/requested exclude_count",
    ),
    "it adds keys about the interface, or about what the caller may do": (
        "GET account/settings authenticity_token",
        "GET custom_objects include_ui_path",
        "GET custom_objects/{} include_permissions_metadata",
        "GET custom_objects/{} include_ui_path",
    ),
    "rows are compared here by the field that says the same": (
        "GET groups exclude_deleted",
        "GET users/{}/groups exclude_deleted",
        "GET groups/{}/users external_id",
        "GET organizations/{}/users external_id",
        "GET organizations/search external_id",
        "GET users/search external_id",
        "GET ticket_form_statuses filter",
        "GET ticket_forms/show_many active",
        "GET ticket_forms/show_many associated_to_brand",
        "GET ticket_forms/show_many end_user_visible",
        "GET views/show_many active",
        "GET triggers/search filter",
        "GET custom_objects/{}/triggers/search filter",
    ),
    "counts with conditions read the list, whose filters they lack": (
        "GET groups/{}/users/count permission_set",
        "GET groups/{}/users/count role",
        "GET groups/{}/users/count role[]",
        "GET users/count permission_set",
        "GET users/count role",
        "GET users/count role[]",
    ),
    "it suits the drop-down lists of an interface": (
        "GET custom_objects/{}/records/autocomplete assignee_id",
        "GET custom_objects/{}/records/autocomplete field_id",
        "GET custom_objects/{}/records/autocomplete filter[dynamic_values]",
        "GET custom_objects/{}/records/autocomplete organization_id",
        "GET custom_objects/{}/records/autocomplete requester_id",
        "GET custom_objects/{}/records/autocomplete source",
        "GET organizations/autocomplete field_id",
        "GET organizations/autocomplete source",
        "GET users/autocomplete field_id",
        "GET users/autocomplete filter",
        "GET users/autocomplete phone",
        "GET users/autocomplete source",
    ),
    "`User.deleted` shows deleted users": ("GET users/show_many include_deleted",),
    "archived tickets are part of the result, and `status` leaves closed ones out": (
        "GET users/{}/tickets/followed exclude_archived",
        "GET users/{}/tickets/requested exclude_archived",
    ),
    "it leaves events out of rows, or rows out of histories, which `Audit.events_of()` selects": (
        "GET tickets/{}/audits filter_events",
    ),
    "a parameter of the list, whose description is repeated": (
        "POST end_users/{}/identities type[]",
    ),
    "the response has no pages, unlike the list of a ticket's notifications": (
        "GET email_notifications/show_many ticket_ids",
    ),
    "the type is a keyword of the query, which the endpoint is sent, too": (
        "GET search/export filter[type]",
    ),
    "standard fields are a part of the list of fields": (
        "GET custom_objects/{}/fields/{} include_standard_fields",
    ),
    "names of forms come in the language of the caller": ("GET ticket_forms locale",),
    "which form stands in for another is a question of the interface": (
        "GET ticket_forms/show_many fallback_to_default",
    ),
    "tokens are created for one client, which the body names": (
        "POST oauth/tokens all",
        "POST oauth/tokens client_id",
        "POST oauth/tokens global_client_id",
    ),
}

#: `(method and path, parameter)` -> the reason.
PARAMS_LEFT_OUT: dict[tuple[str, str], str] = {
    (line.rpartition(" ")[0], line.rpartition(" ")[2]): reason
    for reason, lines in _REASONS.items()
    for line in lines
}

#: `(method and path of an action, parameter)` -> the reason.
CALL_PARAMS_LEFT_OUT: dict[tuple[str, str], str] = {
    ("GET custom_objects/{}/records/{}/attachments/{}/download", "inline"): "for browsers",
    ("GET views/{}/execute", "exclude"): "the rows of tables have no side-loads",
    ("POST views/preview", "exclude"): "the rows of tables have no side-loads",
    (
        "PUT users/{}/identities/{}/request_verification",
        "brand_id",
    ): "the account at the brand's host",
    ("PUT users/{}/password", "brand_id"): "the account at the brand's host",
}


#: The lists whose pages by cursor are described with `include_boundary_indicators` and
#: `include_item_cursors`.
_CURSOR_LISTS = (
    *("groups", "groups/available_agents", "organizations", "organizations/{}"),
    *("organizations/autocomplete", "organizations/count", "problems", "ticket_fields"),
    *("ticket_forms", "ticket_forms/show_many", "tickets/{}/audits", "users", "users/{}/groups"),
    *("users/{}/identities", "users/{}/organizations"),
)
#: The lists of articles that are described with the parameter of their incremental list.
_ARTICLE_LISTS = (
    *("articles", "{}/articles", "categories/{}/articles", "{}/categories/{}/articles"),
    *("sections/{}/articles", "{}/sections/{}/articles", "users/{}/articles"),
)
#: Parameters that the emulator accepts, and that change nothing, by reason. It counts those that
#: are sent as ignored, unless a handler reads them.
WITHOUT_EFFECT: Mapping[str, tuple[str, ...]] = {
    "its effect is not described": (
        "GET incremental/ticket_metric_events include_changes",
        "GET macros/{}/apply normalize_comment",
        "GET tickets/{}/macros/{}/apply normalize_comment",
        "GET custom_objects include_ui_path",
        "GET custom_objects/{} include_permissions_metadata",
        "GET custom_objects/{} include_ui_path",
        "GET groups exclude_deleted",
        "GET users/{}/groups exclude_deleted",
    ),
    "the description of the list is repeated for one field": (
        "GET custom_objects/{}/fields/{} include_standard_fields",
    ),
    "described as ignored": ("GET account/settings authenticity_token",),
    "pages by cursor always have `has_more`": tuple(
        f"GET {path} include_boundary_indicators" for path in _CURSOR_LISTS
    ),
    "the form of the cursors of rows is not described": tuple(
        f"GET {path} include_item_cursors" for path in _CURSOR_LISTS
    ),
    "described with other words for the incremental list of articles": tuple(
        f"GET help_center/{path} start_time" for path in _ARTICLE_LISTS
    ),
    "exports are sorted by time": (
        "GET help_center/incremental/articles sort_by",
        "GET help_center/incremental/articles sort_order",
    ),
    "responses have no body": ("DELETE ticket_fields/{} creator",),
    "rows of the emulator never have these keys, or have each value once": (
        "GET ticket_fields/show_many exclude_sub_selection_options",
        "GET tickets/{} remove_duplicate_fields",
    ),
    "files in the text of comments are attachments anyway": (
        "GET tickets/{}/comments include_inline_images",
    ),
    "every user may apply each macro": (
        "GET macros only_viewable",
        "GET macros/search only_viewable",
    ),
    "brands share their users, their settings and one help center": (
        "GET brands assignable_from",
        "GET guide/search filter[brand_ids]",
        "GET help_center/articles/search brand_id",
        "GET help_center/articles/search multibrand",
        "GET security_settings brand_id",
        "GET users brand_id",
        "GET users/autocomplete brand_id",
        "GET users/count brand_id",
        "GET users/search brand_id",
        "GET users/show_many brand_id",
    ),
    "external content is not emulated": ("GET guide/search filter[external_source_ids]",),
    "conditions of lookup fields do not apply to the lists of drop-down fields": (
        "GET custom_objects/{}/records/autocomplete assignee_id",
        "GET custom_objects/{}/records/autocomplete field_id",
        "GET custom_objects/{}/records/autocomplete filter[dynamic_values]",
        "GET custom_objects/{}/records/autocomplete organization_id",
        "GET custom_objects/{}/records/autocomplete requester_id",
        "GET custom_objects/{}/records/autocomplete source",
        "GET organizations/autocomplete field_id",
        "GET organizations/autocomplete source",
        "GET users/autocomplete field_id",
        "GET users/autocomplete filter",
        "GET users/autocomplete source",
    ),
    "the definitions of all sources are the same": (
        "GET relationships/definitions/{} source_type",
    ),
    "tags are sorted by their number, and the description names no other order": ("GET tags sort",),
    "these lists have pages by number only": (
        "GET custom_objects/{}/triggers/search sort",
        "GET triggers/search sort",
    ),
    "tables have neither side-loads nor groups": (
        "GET views/{}/execute exclude",
        "GET views/{}/execute group_by",
        "POST views/preview exclude",
    ),
    "the file is sent by e-mail, which the emulator does not have": (
        "POST audit_logs/export filter[action]",
        "POST audit_logs/export filter[actor_id]",
        "POST audit_logs/export filter[created_at]",
        "POST audit_logs/export filter[ip_address]",
        "POST audit_logs/export filter[source_id]",
        "POST audit_logs/export filter[source_type]",
    ),
    "the search of widgets is answered with status 501": (
        "GET help_center/articles/embeddable_search origin",
    ),
}

#: Parameters whose effect `tests/contract/test_parameters.py` does not see, by the rows that it
#: would need.
EFFECT_NOT_SEEN: Mapping[str, tuple[str, ...]] = {
    "activities, which come from updates by others": ("GET activities since",),
    "tickets that were changed by hand": ("GET macros/new ticket_id",),
    "tokens of other users, and expired ones": (
        "GET oauth/global_clients/token_summary include_expired",
        "GET oauth/tokens all",
    ),
    "statuses of deletions in other applications": (
        "GET users/{}/compliance_deletion_statuses application",
    ),
    "archived tickets of the user": (
        "GET users/{}/tickets/followed exclude_archived",
        "GET users/{}/tickets/requested exclude_archived",
    ),
    "posts of one topic with several statuses and times": (
        "GET community/topics/{}/posts filter_by",
        "GET community/topics/{}/posts sort_by",
    ),
    "users that follow each other": ("GET help_center/users/{}/user_subscriptions type",),
    "an attachment of a record": (
        "GET custom_objects/{}/records/{}/attachments/{}/download inline",
    ),
}
