"""What took place: head-counts, holding, closing and correcting sessions."""
