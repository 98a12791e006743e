"""What the application does for calendars when it stops."""

from outreach.calendars.feeds import close

__all__ = ["close"]
