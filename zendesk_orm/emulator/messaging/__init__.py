"""Handlers of Sunshine Conversations: conversations, messages, users and their webhooks."""
