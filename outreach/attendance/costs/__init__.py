"""What sessions cost: fees, sources of funds, budgets."""
