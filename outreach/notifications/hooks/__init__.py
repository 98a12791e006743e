"""Webhooks: addresses of group robots and of other systems that organisers want told of what happens."""
