"""A federation's own data by spreadsheet: previewed, confirmed, all or nothing; exported in the same form."""
