"""Reminders: of sessions that come, and of orders that wait."""
