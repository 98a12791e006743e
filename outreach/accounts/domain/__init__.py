"""Rules of accounts: the union tree, who may do what, ways in. Pure."""
