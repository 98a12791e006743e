"""Measurements, each beside a baseline of the same run: machines are noisy, ratios are not."""
