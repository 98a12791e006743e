"""Rules of opinions. Pure."""
