"""Settings of a new account, by section, and the permissions of a new role.

Source: the schemas `AccountSettingsObject`, `SecuritySettingsObject`, `UserSettingsResponse` and
`CustomRoleConfigurationObject` of Zendesk's OpenAPI files, which describe their keys. The values
are those of no particular account.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


Section = Mapping[str, Any]


def _set(value: Any, names: str) -> dict[str, Any]:
    """Return the same value for several settings, whose names are separated by blanks."""
    return dict.fromkeys(names.split(), value)


EMAIL: Section = {
    **_set(False, "accept_wildcard_emails email_sender_authentication email_template_photos"),
    **_set(False, "email_template_selection gmail_actions modern_email_template no_mail_delimiter"),
    **_set(False, "multi_recipient_email_tickets send_gmail_messages_via_gmail"),
    **_set(True, "custom_dkim_domain email_status personalized_replies rich_content_in_emails"),
    "email_sender_authentication_profile": "default",
    "html_mail_template": "{{delimiter}} {{content}} {{footer}}",
    "mail_delimiter": "##- {{txt.email.delimiter}} -##",
    "text_mail_template": "{{delimiter}} {{content}} {{footer}}",
}

ACCOUNT: Mapping[str, Section] = {
    "active_features": {
        **_set(False, "agent_forwarding automatic_answers bcc_archiving benchmark_opt_out chat"),
        **_set(False, "chat_about_my_ticket csat_reason_code customer_context_as_default"),
        **_set(False, "customer_satisfaction_survey explore_on_support_ent_plan facebook"),
        **_set(False, "explore_on_support_pro_plan facebook_login fallback_composer is_abusive"),
        **_set(False, "good_data_and_explore google_login sandbox satisfaction_prediction"),
        **_set(False, "suspended_ticket_notification topic_suggestion twitter twitter_login voice"),
        **_set(True, "allow_ccs allow_email_template_customization business_hours"),
        **_set(True, "custom_dkim_domain customer_satisfaction dynamic_contents explore"),
        **_set(True, "forum_analytics light_agents markdown on_hold_status ticket_forms"),
        **_set(True, "organization_access_enabled rich_content_in_emails ticket_tagging"),
        **_set(True, "user_org_fields user_tagging"),
    },
    "agents": {
        **_set(False, "aw_self_serve_migration_enabled focus_mode idle_timeout_enabled"),
        **_set(True, "agent_home agent_workspace unified_agent_statuses"),
    },
    "api": {
        "accepted_api_agreement": True,
        "api_password_access_end_users": False,
        "api_token_access": "true",
    },
    "apps": _set(True, "create_private create_public use"),
    "billing": {"backend": "internal"},
    "branding": {
        **_set(None, "favicon_url header_logo_url"),
        "header_color": "03363D",
        "page_background_color": "333333",
        "tab_background_color": "7FA239",
        "text_color": "FFFFFF",
    },
    "brands": {
        "default_brand_id": None,
        "end_user_across_brand_requests": False,
        "end_user_upgrade_brand_association_behavior": "all_brands",
        "new_agent_brand_association_behavior": "all_brands",
        "require_brand_on_new_tickets": False,
    },
    "cdn": {
        **_set("cloudflare", "cdn_provider fallback_cdn_provider"),
        "hosts": [{"name": "static.zdassets.com", "url": "https://static.zdassets.com"}],
    },
    "chat": {
        **_set(False, "available enabled integrated"),
        "maximum_request_count": 1,
        "welcome_message": "",
    },
    "cross_sell": {"show_chat_tooltip": False, "xsell_source": None},
    "device_metadata": {"enabled": True, **_set(False, "hide_ip hide_location")},
    "email": EMAIL,
    "google_apps": _set(False, "has_google_apps has_google_apps_admin"),
    "groups": {"check_group_name_uniqueness": False},
    "knowledge": {
        **_set("", "default_search_filters_brands default_search_filters_categories"),
        **_set("", "default_search_filters_external_content_sources"),
        **_set("", "default_search_filters_locales default_search_filters_sections"),
        **_set(False, "generative_answers require_article_templates search_external_content"),
        **_set(True, "search_articles search_community_posts"),
    },
    "limits": {"attachment_size": 52_428_800},
    "localization": {"locale_ids": [1]},
    "lotus": {"pod_id": 999, "prefer_lotus": True, "reporting": True},
    "messaging_inactivity": {
        "default_localized_messages": _set(
            "", "pre_solved_message_1 pre_solved_message_2 solved_message"
        ),
        **_set(False, "enabled end_session"),
        "reminders": [],
        "ticket_status_id": None,
        "timeout": 10,
    },
    "metrics": {"account_size": "1-9"},
    "onboarding": {
        "checklist_onboarding_version": 2,
        **_set(None, "onboarding_segments product_sign_up"),
    },
    "routing": {
        **_set(False, "enabled reassignment_messaging_enabled"),
        "autorouting_tag": "",
        "max_email_capacity": 1,
        "max_messaging_capacity": 1,
        **_set(30, "reassignment_messaging_timeout reassignment_talk_timeout"),
    },
    "rule": {
        "macro_most_used": True,
        "macro_order": "alphabetical",
        "skill_based_filtered_views": [],
        "using_skill_based_routing": False,
    },
    "side_conversations": {
        **_set(False, "msteams_channel slack_channel tickets_channel"),
        **_set(True, "email_channel show_in_context_panel"),
    },
    "statistics": _set(True, "forum rule_usage search"),
    "ticket_form": _set(
        "Please choose your issue below", "raw_ticket_forms_instructions ticket_forms_instructions"
    ),
    "tickets": {
        **_set(False, "accepted_new_collaboration_tos agent_ticket_deletion allow_group_reset"),
        **_set(False, "assign_default_organization auto_translation_enabled chat_sla_enablement"),
        **_set(False, "auto_updated_ccs_followers_rules default_to_draft_mode email_attachments"),
        **_set(False, "email_redact_attachments_when_placeholders_disallow has_color_text"),
        **_set(False, "is_first_comment_private_enabled list_newest_comments_first"),
        **_set(False, "modern_ticket_reassignment private_attachments using_skill_based_routing"),
        **_set(False, "show_modern_ticket_reassignment"),
        **_set(True, "agent_collision agent_invitation_enabled assign_tickets_upon_solve"),
        **_set(True, "collaboration comments_public_by_default emoji_autocompletion"),
        **_set(True, "follower_and_email_cc_collaborations light_agent_email_ccs_allowed tagging"),
        **_set(True, "list_empty_views markdown_ticket_comments rich_text_comments status_hold"),
        "default_solved_ticket_reassignment_strategy": "",
        "maximum_personal_views_to_list": 8,
    },
    "twitter": {"shorten_url": "optional"},
    "user": {
        **_set(False, "have_gravatars_enabled"),
        **_set(True, "agent_created_welcome_emails end_user_phone_number_validation tagging"),
        **_set(True, "language_selection multiple_organizations time_zone_selection"),
    },
    "voice": {
        **_set(False, "agent_confirmation_when_forwarding enabled only_during_business_hours"),
        **_set(False, "outbound_enabled recordings_public uk_mobile_forwarding"),
        **_set(True, "agent_wrap_up_after_calls logging"),
        "maximum_queue_size": 5,
        "maximum_queue_wait_time": 1,
    },
}

_AUTHENTICATION: Section = {
    **_set(False, "enforce_sso google_login office_365_login remote_login sso_auto_redirect"),
    **_set(None, "primary_external_auth"),
    "security_policy_id": 300,
    "security_policy_name": "recommended",
    "two_factor_enforce": False,
    "zendesk_login": True,
}
SECURITY: Mapping[str, Section] = {
    "authentication": {
        "agent": {
            **_AUTHENTICATION,
            "office_365_allowed_tids": "",
            "office_365_enforce_tid": False,
            "password": {
                **_set(False, "disallow_local_part_from_email password_in_mixed_case"),
                **_set(None, "max_sequence password_duration password_history_length"),
                "failed_attempts_allowed": 10,
                "is_available": True,
                "password_complexity": 0,
                "password_length": 8,
            },
            "remote_bypass": 0,
        },
        "end_user": {**_AUTHENTICATION, "facebook_login": False, "twitter_login": False},
    },
    "ip": {**_set(False, "enable_agent_ip_restrictions ip_restriction_enabled"), "ip_ranges": ""},
}

LOTUS: Section = {
    **_set("0", "agent_workspace_theme_preference"),
    **_set("0", "agent_workspace_theme_preference_for_conversation_panel"),
    **_set(True, "keyboard_shortcuts_enabled macro_shortcuts_enabled show_onboarding_tooltips"),
    "two_factor_authentication": False,
}

PERMISSIONS: Section = {
    **_set("none", "actions_access capacity_rules_access"),
    **_set("readonly", "explore_access end_user_profile_access forum_access report_access"),
    **_set("readonly", "macro_access user_view_access view_access"),
    "end_user_list_access": "full",
    "ticket_access": "within-groups",
    "ticket_comment_access": "public",
    **_set(False, "chat_access execute_it_asset_management_actions export_views"),
    **_set(False, "forum_access_restricted_content group_access light_agent"),
    **_set(False, "manage_api_credentials manage_business_rules manage_contextual_workspaces"),
    **_set(False, "manage_dynamic_content manage_extensions_and_channels manage_facebook"),
    **_set(False, "manage_organization_fields manage_ticket_fields manage_ticket_forms"),
    **_set(False, "manage_ticket_settings manage_user_fields manage_user_own_contacts"),
    **_set(False, "manage_user_own_forwarding_numbers manage_user_own_photo moderate_forums"),
    **_set(False, "modify_closed_tickets organization_editing organization_notes_editing"),
    # Recorded, and not described.
    **_set(False, "manage_automations manage_group_memberships manage_groups manage_organizations"),
    **_set(False, "manage_skills manage_slas manage_suspended_tickets manage_triggers"),
    **_set(False, "ticket_redaction"),
    "manage_roles": "none",
    **_set(False, "ticket_deletion ticket_merge update_user_own_alias update_user_own_name"),
    **_set(False, "update_user_own_signature view_access_logs view_audit_logs voice_access"),
    **_set(False, "view_deleted_tickets view_filter_tickets voice_dashboard_access"),
    **_set(True, "assign_tickets_to_any_group side_conversation_create ticket_editing"),
    **_set(True, "ticket_tag_editing twitter_search_access"),
}
