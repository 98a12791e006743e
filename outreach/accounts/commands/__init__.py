"""Writes of accounts: organisations, people and roles, ways in, and what the command line does."""

from outreach.accounts.commands.organisations import (
    OrganisationChanges,
    change_organisation,
    create_organisation,
    create_organisation_within,
)
from outreach.accounts.commands.people import (
    PersonChanges,
    change_own,
    change_person,
    create_person,
    create_person_within,
)
from outreach.accounts.commands.roles import end_role, grant_role, grant_role_within
from outreach.accounts.commands.setup import add_user, create_first_administrator, create_token_for
from outreach.accounts.commands.ways_in import (
    IssuedCode,
    NewLogin,
    NewToken,
    create_api_token,
    enter_by_code,
    issue_entry_code,
    issue_entry_code_within,
    log_in,
    log_out,
    revoke_api_token,
    revoke_login,
    set_password,
)

__all__ = [
    "IssuedCode",
    "NewLogin",
    "NewToken",
    "OrganisationChanges",
    "PersonChanges",
    "add_user",
    "change_organisation",
    "change_own",
    "change_person",
    "create_api_token",
    "create_first_administrator",
    "create_organisation",
    "create_organisation_within",
    "create_person",
    "create_person_within",
    "create_token_for",
    "end_role",
    "enter_by_code",
    "grant_role",
    "grant_role_within",
    "issue_entry_code",
    "issue_entry_code_within",
    "log_in",
    "log_out",
    "revoke_api_token",
    "revoke_login",
    "set_password",
]
