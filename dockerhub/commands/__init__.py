"""What a user types after `scrapy`."""
