"""Organisations, people, roles, logins, tokens, and the journal of who did what."""
