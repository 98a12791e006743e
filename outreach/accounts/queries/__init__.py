"""Reads of accounts. Each is one question to the database, a list in pages two."""

from outreach.accounts.queries.journal import JournalRow, journal
from outreach.accounts.queries.organisations import (
    OrganisationOption,
    OrganisationRow,
    districts,
    organisation_by_code,
    organisation_by_id,
    organisation_options,
    organisations,
    root_organisation,
)
from outreach.accounts.queries.people import (
    GrantRow,
    PersonRow,
    entry_person,
    grants_of,
    held_by,
    person_by_id,
    person_by_login_name,
    persons,
)
from outreach.accounts.queries.ways_in import ApiTokenRow, LoginRow, api_tokens_of, logins_of

__all__ = [
    "ApiTokenRow",
    "GrantRow",
    "JournalRow",
    "LoginRow",
    "OrganisationOption",
    "OrganisationRow",
    "PersonRow",
    "api_tokens_of",
    "districts",
    "entry_person",
    "grants_of",
    "held_by",
    "journal",
    "logins_of",
    "organisation_by_code",
    "organisation_by_id",
    "organisation_options",
    "organisations",
    "person_by_id",
    "person_by_login_name",
    "persons",
    "root_organisation",
]
