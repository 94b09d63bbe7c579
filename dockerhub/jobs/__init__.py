"""Crawls as jobs in PostgreSQL, which many workers take from one queue."""
