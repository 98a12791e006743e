"""Reads a calendar from standard input with Home Assistant's ``ical``; prints what it understood as JSON.

Run by the Python of ``.clients``, which has the library.
"""

import importlib
import json
import sys

stream = importlib.import_module("ical.calendar_stream").IcsCalendarStream
calendar = stream.calendar_from_ics(sys.stdin.buffer.read().decode())
told = [
    {
        "uid": one.uid,
        "title": one.summary,
        "place": one.location or "",
        "start": one.dtstart.isoformat(),
        "end": one.dtend.isoformat(),
        "state": one.status.value,
        "alarms": len(one.alarm),
    }
    for one in calendar.events
]
sys.stdout.write(json.dumps(told))
