"""Rules of calendars that know neither database nor HTTP."""
