"""Identifiers: UUIDv7 (RFC 9562), opaque outside, in time order inside."""

from uuid import UUID

from uuid_utils.compat import uuid7

from outreach.shared.errors import NotFoundError, invalid

__all__ = ["id_in_path", "id_of_field", "new_id"]


def new_id() -> UUID:
    """A new identifier; later ones sort after earlier ones."""
    return uuid7()


def id_in_path(text: str) -> UUID:
    """The identifier in a path.

    Raises:
        NotFoundError: ``text`` is no identifier, so nothing can be found under it.
    """
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundError from None


def id_of_field(field: str, text: str) -> UUID:
    """The identifier given in a field.

    Raises:
        InvalidError: ``text`` is no identifier; names ``field``.
    """
    try:
        return UUID(text)
    except ValueError:
        raise invalid(field, "not-an-id") from None
