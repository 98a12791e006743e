"""Pure rules of rosters: which row is the head, which cell says what, who is whom. Nothing here opens a file."""
