"""PostgreSQL as the store's database; nothing outside `store` needs to know of it."""

SCHEMA = "dockerhub"
"""the schema in which our tables are"""
TURN = 0x646F636B65726875  # "dockerhu"
"""the lock of who writes: writers take turns, as in SQLite"""
