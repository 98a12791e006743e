"""Refusals of accounts."""

from outreach.shared.errors import ConflictError, InvalidError, NotFoundError

__all__ = [
    "AdministratorExistsError",
    "EntryCodeSpentError",
    "LastAdministratorError",
    "LoginRefusedError",
    "NoLoginNameError",
    "RoleAlreadyGrantedError",
]


class LoginRefusedError(InvalidError):
    """Name or password is wrong; which of them is not said."""

    code = "login-refused"


class EntryCodeSpentError(NotFoundError):
    """The entry code is unknown, was used before, or is too old; which of these is not said to strangers."""

    code = "entry-code-spent"


class NoLoginNameError(ConflictError):
    """A person without login name and phone could not log in with the password that a code lets them set."""

    code = "no-login-name"


class RoleAlreadyGrantedError(ConflictError):
    """The person holds this role in this organisation already."""

    code = "role-already-granted"


class LastAdministratorError(ConflictError):
    """Nobody would be left who may do everything."""

    code = "last-administrator"


class AdministratorExistsError(ConflictError):
    """The first administrator was made before."""

    code = "administrator-exists"
