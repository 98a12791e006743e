"""Rules of what could not be sent."""
