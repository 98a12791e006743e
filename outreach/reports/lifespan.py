"""What the application does for reports when it stops."""

from outreach.reports.rendering import close

__all__ = ["close"]
