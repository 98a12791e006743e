"""What several questions share."""

__all__ = ["COUNT", "like"]

COUNT = "SELECT count(*)"


def like(text: str | None) -> str | None:
    """A LIKE pattern for ``text`` anywhere, with its own signs taken literally."""
    if not text:
        return None
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
