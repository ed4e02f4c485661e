"""Handlers of Chat: chats, exports, agents, bans and settings."""
