"""Three questions to those who checked in; nobody learns who answered what."""
