"""Tells others what changed, by HTTP."""
