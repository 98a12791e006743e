"""统计表: forms as data, filled by rules and by hand, rolled up through the tree."""
