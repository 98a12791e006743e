"""What the application does for imports when it stops: end the reader that waits for a file."""

from outreach.shared.spreadsheets.asking import close_spares as close

__all__ = ["close"]
