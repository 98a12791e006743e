"""Secrets as long as those of robots."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Varchar

ID = "2026-11-22T12:00:00:000007"
VERSION = "1.38.0"
DESCRIPTION = "Secrets as long as those of robots."


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="notifications", description=DESCRIPTION)

    manager.alter_column(
        table_class_name="Hook",
        tablename="notifications_hook",
        column_name="secret",
        db_column_name="secret",
        params={"length": 100},
        old_params={"length": 64},
        column_class=Varchar,
        old_column_class=Varchar,
        schema=None,
    )

    return manager
