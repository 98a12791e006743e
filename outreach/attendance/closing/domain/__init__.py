"""Rules of closing. Pure."""
