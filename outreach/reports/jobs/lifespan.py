"""What the application does for jobs when it stops: hand back what is under way."""

from outreach.reports.jobs.running import close

__all__ = ["close"]
