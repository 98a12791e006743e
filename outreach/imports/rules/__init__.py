"""The kinds one by one: what a file is held against, what is refused, how it is stored, what the export says."""
