"""How changes go out: one by one, or by the hundred through jobs."""
