"""The menu, lecturers and troupes, venues, and the sessions they meet in."""
