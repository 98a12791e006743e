"""Paper that offices file: receipts, ledgers, evidence bundles, certificates."""
