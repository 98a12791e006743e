"""Outreach: schedules the sessions that trade unions promise, and counts them against the promise."""

__version__ = "0.1.0"
