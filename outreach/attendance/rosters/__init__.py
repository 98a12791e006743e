"""Rosters 名单: files of names for one session, as offices make them, read, previewed and stored."""
