"""Refusals of statistics tables."""

from outreach.shared.errors import ConflictError

__all__ = ["AlreadyOpenedError", "NobodyBelowError", "TableStateError", "UpperHandedInError"]


class TableStateError(ConflictError):
    """The table is not in a state that allows it; ``state`` tells which."""

    code = "statistics-state"


class AlreadyOpenedError(ConflictError):
    """The organisation has a table of this form and year."""

    code = "statistics-opened"


class NobodyBelowError(ConflictError):
    """There is no organisation directly below that could fill the form."""

    code = "statistics-nobody-below"


class UpperHandedInError(ConflictError):
    """The table above is handed in, so what it was made of stays as it is."""

    code = "statistics-upper-handed-in"
