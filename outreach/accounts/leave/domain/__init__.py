"""Rules of leave."""
