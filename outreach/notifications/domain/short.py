"""How a message becomes an SMS. Pure."""

__all__ = ["MOST_CHINESE", "MOST_PLAIN", "sms_text"]

#: Two messages: 67 characters each where one of them is no plain letter, else 153.
MOST_CHINESE, MOST_PLAIN = 134, 306


def _length(text: str) -> int:
    """As telephones count: what lies beyond the usual plane counts twice."""
    return len(text.encode("utf-16-le")) // 2


def sms_text(text: str, href: str) -> str:
    """``text`` shortened so that it fits into two messages together with the link at its end; without the link where
    that alone is too long."""
    said = " ".join(text.split())
    most = MOST_PLAIN if said.isascii() and href.isascii() else MOST_CHINESE
    tail = f" {href}" if href and _length(href) < most // 4 * 3 else ""
    room = most - _length(tail)
    if _length(said) > room:
        said = said.encode("utf-16-le")[: (room - 1) * 2].decode("utf-16-le", "ignore").rstrip() + "…"
        if most == MOST_PLAIN:  # the mark itself is no plain letter
            said = said[:-1][: room - 3].rstrip() + "..."
    return said + tail
