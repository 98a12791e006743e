"""Names, hours, numbers and the form of a package. Pure."""
