"""Organisations, people and their ways in. No logic here."""

from typing import Any

from piccolo.columns import JSONB, UUID, Array, Boolean, Date, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.column_types import BigSerial, ForeignKey
from piccolo.constraints import Check
from piccolo.table import Table

from outreach.shared.columns import MAY, MUST, refers_to
from outreach.shared.ids import new_id


class Organisation(Table, tablename="accounts_organisation"):
    """A node of the union tree (工会组织). ``path`` is ``/id/id/`` from the root to itself."""

    id = UUID(primary_key=True, default=new_id)
    code = Varchar(length=40, unique=True, **MUST)
    name = Varchar(length=200, **MUST)
    kind = Varchar(length=30, help_text="OrganisationKind", **MUST)
    parent: ForeignKey[Any] = ForeignKey(
        references="self", null=True, default=None, on_delete=OnDelete.restrict, index=True
    )
    path = Text(**MUST)
    district = Varchar(length=40, help_text="name of the district; empty: 市直属", null=False, default="")
    ownership = Varchar(length=20, help_text="public, non_public, empty when unknown", null=False, default="")
    industry = Varchar(length=60, null=False, default="")
    member_count = Integer(help_text="people, members collected 已采集会员数", **MAY)
    member_count_on = Date(help_text="the day that figure was taken", **MAY)
    women_count = Integer(help_text="people", **MAY)
    closed_on = Date(help_text="dissolved or merged; history stays", **MAY)
    revision = Integer(null=False, default=1)
    created_at = Timestamptz(**MUST)

    accounts_organisation_member_count_not_negative = Check("member_count >= 0")
    accounts_organisation_women_count_not_negative = Check("women_count >= 0")


class Person(Table, tablename="accounts_person"):
    """Somebody with roles. A login name, a phone, or neither (a lecturer whom staff call)."""

    id = UUID(primary_key=True, default=new_id)
    name = Varchar(length=60, **MUST)
    login_name = Varchar(length=60, help_text="lower case", unique=True, **MAY)
    phone = Varchar(length=20, help_text="digits; shown only to staff who must call", unique=True, **MAY)
    password_hash = Text(help_text="argon2id", **MAY)
    locale = Varchar(length=8, null=False, default="zh_CN")
    disabled_at = Timestamptz(**MAY)
    revision = Integer(null=False, default=1)
    created_at = Timestamptz(**MUST)
    email = Varchar(length=254, help_text="for messages; shown to the person and to staff who manage people", **MAY)
    email_confirmed_at = Timestamptz(help_text="null: nothing is sent there yet", **MAY)


class RoleGrant(Table, tablename="accounts_role_grant"):
    """A person's role in an organisation, from–until. An administrator's has no organisation."""

    id = UUID(primary_key=True, default=new_id)
    person = refers_to(Person)
    organisation = refers_to(Organisation, null=True)
    role = Varchar(length=20, help_text="Role", **MUST)
    from_on = Date(**MUST)
    until_on = Date(help_text="exclusive; null: open", **MAY)
    is_deputy = Boolean(null=False, default=False)
    created_at = Timestamptz(**MUST)


class Login(Table, tablename="accounts_login"):
    """A browser that is logged in. The cookie's token is kept as a hash only."""

    id = UUID(primary_key=True, default=new_id)
    person = refers_to(Person)
    token_hash = Varchar(length=64, unique=True, **MUST)
    device = Varchar(length=120, help_text="shortened user agent, for the list of own logins", null=False, default="")
    created_at = Timestamptz(**MUST)
    seen_at = Timestamptz(**MUST)
    expires_at = Timestamptz(index=True, **MUST)
    revoked_at = Timestamptz(**MAY)


class ApiToken(Table, tablename="accounts_api_token"):
    """A program's way in, shown once, kept as a hash."""

    id = UUID(primary_key=True, default=new_id)
    person = refers_to(Person)
    name = Varchar(length=60, **MUST)
    token_hash = Varchar(length=64, unique=True, **MUST)
    created_at = Timestamptz(**MUST)
    used_on = Date(**MAY)
    revoked_at = Timestamptz(**MAY)


class EntryCode(Table, tablename="accounts_entry_code"):
    """A one-time link or printed code for the first entry or a forgotten password, handed out by staff."""

    id = UUID(primary_key=True, default=new_id)
    person = refers_to(Person)
    code_hash = Varchar(length=64, unique=True, **MUST)
    issued_by = refers_to(Person, null=True)
    created_at = Timestamptz(**MUST)
    expires_at = Timestamptz(**MUST)
    used_at = Timestamptz(**MAY)


class JournalEntry(Table, tablename="accounts_journal"):
    """Who did what to which object, when, why (操作日志). Append-only: a trigger refuses changes.

    No foreign keys: history outlives the thing that caused it.
    """

    id = BigSerial(primary_key=True)
    at = Timestamptz(index=True, **MUST)
    actor_id = UUID(help_text="null: the program itself or an anonymous link", **MAY)
    actor_name = Varchar(length=60, null=False, default="")
    action = Varchar(length=60, help_text="object.verb, e.g. booking.cancelled", **MUST)
    object_kind = Varchar(length=30, **MUST)
    object_id = UUID(index=True, **MUST)
    organisation_id = UUID(index=True, help_text="whose part of the tree it belongs to", **MAY)
    from_state = Varchar(length=30, **MAY)
    to_state = Varchar(length=30, **MAY)
    reason = Text(null=False, default="")
    facts = JSONB(null=False, default="{}")


class Leave(Table, tablename="accounts_leave"):
    """Days on which a person is away and somebody stands in (代理). A person's live ones never overlap (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    person = refers_to(Person)
    deputy = refers_to(Person)
    from_on = Date(**MUST)
    until_on = Date(help_text="exclusive", **MUST)
    note = Varchar(length=100, null=False, default="")
    grants = Array(base_column=UUID(), help_text="roles that the deputy was given for it", default=list)
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)
    ended_at = Timestamptz(help_text="taken back or cut short", **MAY)

    accounts_leave_ends_after_start = Check("until_on > from_on")
    accounts_leave_by_another = Check("person <> deputy")


class ContactRequest(Table, tablename="accounts_contact_request"):
    """Somebody without an account asks to become a unit's contact. Goes a while after it was decided."""

    id = UUID(primary_key=True, default=new_id)
    unit = Varchar(length=200, help_text="as typed", **MUST)
    organisation = refers_to(Organisation, null=True)  # which unit that is, where the name tells; set when accepted
    name = Varchar(length=60, **MUST)
    phone = Varchar(length=20, help_text="digits; shown only to the staff who must call", **MUST)
    note = Varchar(length=200, null=False, default="")
    state = Varchar(length=10, help_text="waiting, accepted, declined", null=False, default="waiting")
    reason = Varchar(length=400, help_text="of a decline", null=False, default="")
    person = refers_to(Person, null=True)  # who came of it
    created_at = Timestamptz(**MUST)
    decided_at = Timestamptz(**MAY)
    decided_by = UUID(**MAY)

    accounts_contact_request_state_known = Check("state IN ('waiting', 'accepted', 'declined')")
    accounts_contact_request_decided = Check("(state = 'waiting') = (decided_at IS NULL)")


class InstallationFact(Table, tablename="accounts_installation_fact"):
    """What the installation knows of itself: the demo clock's offset, the name over every page."""

    name = Varchar(length=40, unique=True, **MUST)
    value = JSONB(**MUST)
