"""Where Piccolo finds the engine and the features' tables; order is the order of migrations."""

from piccolo.conf.apps import AppRegistry

from outreach.shared.db import ENGINE

DB = ENGINE

APP_REGISTRY = AppRegistry(
    apps=[
        "outreach.web.piccolo_app",
        "outreach.accounts.piccolo_app",
        "outreach.notifications.piccolo_app",
        "outreach.programmes.piccolo_app",
        "outreach.events.piccolo_app",
        "outreach.bookings.piccolo_app",
        "outreach.attendance.piccolo_app",
        "outreach.counting.piccolo_app",
        "outreach.evaluation.piccolo_app",
        "outreach.statistics.piccolo_app",
        "outreach.calendars.piccolo_app",
        "outreach.reports.piccolo_app",
        "outreach.imports.piccolo_app",
        "outreach.persons.piccolo_app",
        "outreach.letters.piccolo_app",
        "outreach.tours.piccolo_app",
        "outreach.materials.piccolo_app",
        "outreach.guide.piccolo_app",
    ]
)
