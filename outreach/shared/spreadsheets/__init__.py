"""Spreadsheets that somebody sends: opened beside the serving process, read cell by cell, never believed."""
