"""Closing a year, and carrying its programmes over into the next."""
