"""Demo data: a federation, its promises of one year, and what became of them by the middle of September."""

from outreach.demo.loading import DemoLoaded, DemoLogin, DemoRefusedError, load_demo

__all__ = ["DemoLoaded", "DemoLogin", "DemoRefusedError", "load_demo"]
