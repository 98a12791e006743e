"""Brings the database to the shape this version needs.

All pending migrations of all features run in one transaction together with Piccolo's own record of them, under an
advisory lock: a second process that starts at the same moment waits, and a ``kill -9`` in the middle leaves nothing.
"""

import contextlib
import io
import os
from dataclasses import dataclass

from outreach.shared import db

__all__ = ["Pending", "migrate", "pending_migrations"]

# Any constant does, as long as every version of this program uses the same one.
_LOCK = 0x6F757472


@dataclass(frozen=True, slots=True)
class Pending:
    """A migration that this version brings and the database has not had."""

    app: str
    migration_id: str


def _managers() -> list[tuple[str, list[str]]]:
    os.environ.setdefault("PICCOLO_CONF", "outreach.piccolo_conf")
    from piccolo.apps.migrations.commands.base import BaseMigrationManager
    from piccolo.conf.apps import Finder

    manager = BaseMigrationManager()
    return [
        (
            config.app_name,
            sorted(manager.get_migration_ids(manager.get_migration_modules(config.resolved_migrations_folder_path))),
        )
        for config in Finder().get_app_configs()
    ]


async def pending_migrations() -> list[Pending]:
    """What ``migrate`` would run now, in order."""
    # Not to_regclass(): its cache may not have heard yet of the table that a rival has just made.
    known = await db.value(
        "SELECT EXISTS (SELECT 1 FROM pg_tables WHERE tablename = 'migration' AND schemaname = current_schema())"
    )
    recorded = await db.rows("SELECT app_name, name FROM migration") if known else []
    ran = {(one["app_name"], one["name"]) for one in recorded}
    return [Pending(app, one) for app, ids in _managers() for one in ids if (app, one) not in ran]


async def migrate() -> list[Pending]:
    """Run what is pending; return it. Safe to call from several processes at once."""
    if not await pending_migrations():
        return []
    from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager
    from piccolo.apps.migrations.tables import Migration

    async with db.atomic() as connection:
        await connection.execute("SET LOCAL lock_timeout = '5min'")
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        todo = await pending_migrations()
        if not todo:
            return []
        await connection.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        # Piccolo reports to standard output, which belongs to the command that was called.
        with contextlib.redirect_stdout(io.StringIO()):
            await Migration.create_table(if_not_exists=True).run()  # type: ignore[no-untyped-call]
            for app in dict.fromkeys(one.app for one in todo):
                result = await ForwardsMigrationManager(app_name=app).run()
                if result is not None and not getattr(result, "success", True):
                    raise RuntimeError(f"migration of {app} failed: {result}")
    return todo
