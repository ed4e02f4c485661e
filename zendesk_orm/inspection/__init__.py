"""Custom fields of an account as code, their differences from the account, scopes of programs."""
