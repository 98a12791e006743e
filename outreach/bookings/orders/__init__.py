"""点单: a union orders an event to its own site; from the wish to the review."""
