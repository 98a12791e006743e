"""The HTTP kernel: knows Litestar, never a feature."""
