"""Rules of hooks."""
