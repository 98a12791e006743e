"""Rules of handing over and merging."""
