"""Unique codes and known words: Uniqueness over several columns and closed vocabularies."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-21T00:00:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "Unique codes and known words."

STATEMENTS = (
    """CREATE UNIQUE INDEX programmes_year_once ON programmes_year (organisation, year)""",
    """CREATE UNIQUE INDEX programmes_programme_code_once ON programmes_programme (organisation, year, code)""",
    """CREATE UNIQUE INDEX programmes_target_key_once ON programmes_target (programme, key)""",
    """ALTER TABLE programmes_target ADD CONSTRAINT programmes_target_metric_known CHECK (metric IN ('sessions', 'visits', 'people', 'lecturers', 'courses', 'tally'))""",
    """ALTER TABLE programmes_target ADD CONSTRAINT programmes_target_bound_known CHECK (bound IN ('at_least', 'more_than', 'about', 'plain'))""",
    """ALTER TABLE programmes_target ADD CONSTRAINT programmes_target_counting_known CHECK (counting IN ('flow', 'level'))""",
    """ALTER TABLE programmes_target ADD CONSTRAINT programmes_target_tolerance_of_about CHECK ((bound = 'about') = (tolerance_percent IS NOT NULL))""",
    """ALTER TABLE programmes_year ADD CONSTRAINT programmes_year_state_known CHECK (state IN ('open', 'closed'))""",
    """CREATE INDEX programmes_tally_target_on ON programmes_tally (target, "on")""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="programmes", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
