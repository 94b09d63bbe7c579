"""PostgreSQL as the store's database; nothing outside `store` needs to know of it."""
