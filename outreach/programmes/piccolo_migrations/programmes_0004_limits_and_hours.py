"""Limits per unit, and how long offers and questions stand."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Boolean, Integer
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Check

ID = "2026-11-22T01:00:00:000004"
VERSION = "1.38.0"
DESCRIPTION = "Limits per unit, and how long offers and questions stand."


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="programmes", description=DESCRIPTION)

    manager.add_column(
        table_class_name="Programme",
        tablename="programmes_programme",
        column_name="answer_hours",
        db_column_name="answer_hours",
        column_class_name="Integer",
        column_class=Integer,
        params={
            "default": 72,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="Programme",
        tablename="programmes_programme",
        column_name="cancel_hours",
        db_column_name="cancel_hours",
        column_class_name="Integer",
        column_class=Integer,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="Programme",
        tablename="programmes_programme",
        column_name="max_per_organisation",
        db_column_name="max_per_organisation",
        column_class_name="Integer",
        column_class=Integer,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="Programme",
        tablename="programmes_programme",
        column_name="offer_hours",
        db_column_name="offer_hours",
        column_class_name="Integer",
        column_class=Integer,
        params={
            "default": 24,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="Programme",
        tablename="programmes_programme",
        column_name="two_step_orders",
        db_column_name="two_step_orders",
        column_class_name="Boolean",
        column_class=Boolean,
        params={
            "default": False,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="ProgrammeYear",
        tablename="programmes_year",
        column_name="max_per_organisation",
        db_column_name="max_per_organisation",
        column_class_name="Integer",
        column_class=Integer,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_constraint(
        table_class_name="Programme",
        tablename="programmes_programme",
        constraint_name="programmes_programme_answer_hours_range",
        constraint_class=Check,
        params={"condition": "answer_hours BETWEEN 1 AND 720"},
        schema=None,
    )

    manager.add_constraint(
        table_class_name="Programme",
        tablename="programmes_programme",
        constraint_name="programmes_programme_cancel_hours_range",
        constraint_class=Check,
        params={"condition": "cancel_hours BETWEEN 0 AND 2160"},
        schema=None,
    )

    manager.add_constraint(
        table_class_name="Programme",
        tablename="programmes_programme",
        constraint_name="programmes_programme_max_per_organisation_positive",
        constraint_class=Check,
        params={"condition": "max_per_organisation >= 1"},
        schema=None,
    )

    manager.add_constraint(
        table_class_name="Programme",
        tablename="programmes_programme",
        constraint_name="programmes_programme_offer_hours_range",
        constraint_class=Check,
        params={"condition": "offer_hours BETWEEN 1 AND 720"},
        schema=None,
    )

    manager.add_constraint(
        table_class_name="ProgrammeYear",
        tablename="programmes_year",
        constraint_name="programmes_year_max_per_organisation_positive",
        constraint_class=Check,
        params={"condition": "max_per_organisation >= 1"},
        schema=None,
    )

    return manager
