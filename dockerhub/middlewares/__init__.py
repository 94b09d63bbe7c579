"""Scrapy's hands: they translate requests and responses for the pure rooms."""
