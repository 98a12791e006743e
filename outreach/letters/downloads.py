"""Headers of files to download."""

from urllib.parse import quote

__all__ = ["DOCX", "headers_of"]

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_UNSAFE = str.maketrans(dict.fromkeys('/\\:*?"<>|', "_"))


def headers_of(name: str, plain: str) -> dict[str, str]:
    """Headers of a file that only this reader may keep.

    Args:
        name: as it is saved; ``plain`` for programs that know ASCII only.
    """
    safe = quote(name.translate(_UNSAFE)[-120:], safe="")
    return {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{safe}",
        "X-Content-Type-Options": "nosniff",
    }
