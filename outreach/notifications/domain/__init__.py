"""Rules of messages: what they are about, when they go, how often they are tried."""
