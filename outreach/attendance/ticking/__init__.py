"""The list of a session on a phone: ticked with and without a network."""
