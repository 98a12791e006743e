"""Tables and migrations of ``attendance``, for Piccolo."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="attendance",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=table_finder(modules=["outreach.attendance.tables"], exclude_imported=True),
    migration_dependencies=[],
    commands=[],
)
