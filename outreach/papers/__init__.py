"""Paper that offices file: receipts, ledgers, packages of evidence, certificates of attendance."""
