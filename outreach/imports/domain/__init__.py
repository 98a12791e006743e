"""Rules of imports: what the kinds of files hold, how they are read, what they would change. Pure."""
