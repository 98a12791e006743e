"""Tree index, roles, journal that only grows: Prefix search on the tree needs text_pattern_ops; the journal is protected from every writer."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-21T00:00:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "Tree index, roles, journal that only grows."

STATEMENTS = (
    """CREATE INDEX accounts_organisation_path ON accounts_organisation (path text_pattern_ops)""",
    """ALTER TABLE accounts_role_grant ADD CONSTRAINT accounts_role_grant_until_after_from CHECK (until_on IS NULL OR until_on >= from_on)""",
    """ALTER TABLE accounts_role_grant ADD CONSTRAINT accounts_role_grant_role_known CHECK (role IN ('administrator', 'organiser', 'contact', 'provider', 'evaluator'))""",
    """ALTER TABLE accounts_role_grant ADD CONSTRAINT accounts_role_grant_organisation_given CHECK ((role = 'administrator') = (organisation IS NULL))""",
    """CREATE UNIQUE INDEX accounts_role_grant_once ON accounts_role_grant (person, organisation, role) WHERE until_on IS NULL""",
    """CREATE INDEX accounts_journal_object ON accounts_journal (object_id, id)""",
    """CREATE FUNCTION accounts_journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Demo data and tests empty the table with TRUNCATE, which takes the owner's right; nothing else may.
    RAISE EXCEPTION 'the journal is append-only';
END $$""",
    """CREATE TRIGGER accounts_journal_append_only BEFORE UPDATE OR DELETE ON accounts_journal FOR EACH ROW EXECUTE FUNCTION accounts_journal_refuse()""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="accounts", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
