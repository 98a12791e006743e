"""Each person chooses: an address for mail, what comes by which way, when nothing is to come."""
