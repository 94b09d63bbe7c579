"""What `scrapy serve` shows: titles, canned queries and charts over the database."""
