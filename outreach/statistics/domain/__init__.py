"""Rules of statistics forms. Pure."""
