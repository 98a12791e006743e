"""What every layer may use and what uses nothing of ours."""
