"""Who writes leaves a mark in the same transaction. What was there before is marked once, to be counted.

Statement triggers with transition tables: a file of 100,000 people costs one more statement and one mark for its
session; who comes one by one is marked by identity, so that not everybody of the session is looked up again. Columns that
no figure is made of fire nothing: a booking writes ``seats_taken`` alone.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T10:00:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "Marks of what changed."

FUNCTIONS = (
    # Something changed that is read as it is.
    """CREATE FUNCTION counting_mark_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO counting_mark DEFAULT VALUES;
        RETURN NULL;
    END $$""",
    # The rows that counters were made of are gone at once: everything is counted anew.
    """CREATE FUNCTION counting_mark_all() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO counting_mark DEFAULT VALUES;
        INSERT INTO counting_mark (session) SELECT DISTINCT session FROM counting_day;
        DELETE FROM counting_target;
        RETURN NULL;
    END $$""",
    """CREATE FUNCTION counting_mark_new() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO counting_mark (session) SELECT DISTINCT session FROM new_rows;
        RETURN NULL;
    END $$""",
    """CREATE FUNCTION counting_mark_old() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO counting_mark (session) SELECT DISTINCT session FROM old_rows;
        RETURN NULL;
    END $$""",
    """CREATE FUNCTION counting_mark_both() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO counting_mark (session) SELECT session FROM old_rows UNION SELECT session FROM new_rows;
        RETURN NULL;
    END $$""",
    """CREATE FUNCTION counting_mark_present() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT count(*) FROM new_rows) <= 100 THEN
            INSERT INTO counting_mark (session, identity) SELECT session, identity FROM new_rows WHERE present;
        ELSE
            INSERT INTO counting_mark (session, everybody) SELECT DISTINCT session, true FROM new_rows WHERE present;
        END IF;
        RETURN NULL;
    END $$""",
    """CREATE FUNCTION counting_mark_absent() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO counting_mark (session, identity) SELECT session, identity FROM old_rows WHERE present;
        RETURN NULL;
    END $$""",
    """CREATE FUNCTION counting_mark_attendees() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO counting_mark (session, identity)
        SELECT was.session, was.identity FROM old_rows was JOIN new_rows became USING (id)
         WHERE was.present AND (was.session, was."on", was.identity, was.present, was.is_worker)
               IS DISTINCT FROM (became.session, became."on", became.identity, became.present, became.is_worker)
        UNION
        SELECT became.session, became.identity FROM old_rows was JOIN new_rows became USING (id)
         WHERE became.present AND (was.session, was."on", was.identity, was.present, was.is_worker)
               IS DISTINCT FROM (became.session, became."on", became.identity, became.present, became.is_worker);
        RETURN NULL;
    END $$""",
    # People and visits depend on a session's day and kind, and on whether it took place; the rest is read as it is.
    """CREATE FUNCTION counting_mark_session() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        was boolean := OLD.state IN ('held', 'closed');
        counts boolean := NEW.state IN ('held', 'closed');
    BEGIN
        IF was <> counts OR counts AND
            (OLD.programme, OLD.kind, OLD.starts_at) IS DISTINCT FROM (NEW.programme, NEW.kind, NEW.starts_at) THEN
            INSERT INTO counting_mark (session, everybody) VALUES (NEW.id, true);
        ELSE
            INSERT INTO counting_mark DEFAULT VALUES;
        END IF;
        RETURN NULL;
    END $$""",
)

_SESSION = (
    "state", "programme", "event", "kind", "starts_at", "ends_at", "capacity", "published_at", "district", "host",
    "organisation",
)  # fmt: skip
_STATEMENT = "FOR EACH STATEMENT EXECUTE FUNCTION"
_OLD, _NEW = "REFERENCING OLD TABLE AS old_rows", "REFERENCING NEW TABLE AS new_rows"
_BOTH = f"{_OLD} NEW TABLE AS new_rows"

TRIGGERS = (
    f"counting_new AFTER INSERT ON attendance_headcount {_NEW} {_STATEMENT} counting_mark_new()",
    f"counting_changed AFTER UPDATE ON attendance_headcount {_BOTH} {_STATEMENT} counting_mark_both()",
    f"counting_gone AFTER DELETE ON attendance_headcount {_OLD} {_STATEMENT} counting_mark_old()",
    f"counting_emptied AFTER TRUNCATE ON attendance_headcount {_STATEMENT} counting_mark_all()",
    f"counting_new AFTER INSERT ON attendance_attendee {_NEW} {_STATEMENT} counting_mark_present()",
    f"counting_changed AFTER UPDATE ON attendance_attendee {_BOTH} {_STATEMENT} counting_mark_attendees()",
    f"counting_gone AFTER DELETE ON attendance_attendee {_OLD} {_STATEMENT} counting_mark_absent()",
    f"counting_emptied AFTER TRUNCATE ON attendance_attendee {_STATEMENT} counting_mark_all()",
    f"counting_new AFTER INSERT OR DELETE OR TRUNCATE ON events_session {_STATEMENT} counting_mark_change()",
    f"""counting_changed AFTER UPDATE OF {", ".join(_SESSION)} ON events_session FOR EACH ROW
        WHEN (({", ".join(f"OLD.{name}" for name in _SESSION)})
              IS DISTINCT FROM ({", ".join(f"NEW.{name}" for name in _SESSION)}))
        EXECUTE FUNCTION counting_mark_session()""",
    f"""counting_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON programmes_tally
        {_STATEMENT} counting_mark_change()""",
    f"""counting_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON events_event_provider
        {_STATEMENT} counting_mark_change()""",
    f"""counting_changed AFTER UPDATE OF kind, active OR DELETE OR TRUNCATE ON events_provider
        {_STATEMENT} counting_mark_change()""",
    f"""counting_changed AFTER UPDATE OF programme OR DELETE OR TRUNCATE ON events_event
        {_STATEMENT} counting_mark_change()""",
    f"""counting_changed AFTER UPDATE OF path OR TRUNCATE ON accounts_organisation
        {_STATEMENT} counting_mark_change()""",
)

EXISTING = """INSERT INTO counting_mark (session, everybody)
    SELECT session, true FROM attendance_headcount UNION SELECT session, true FROM attendance_attendee WHERE present"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="counting", description=DESCRIPTION)

    async def run() -> None:
        for statement in (*FUNCTIONS, *(f"CREATE TRIGGER {trigger}" for trigger in TRIGGERS), EXISTING):
            await db.execute(statement)

    manager.add_raw(run)
    return manager
