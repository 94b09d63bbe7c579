"""What watches a crawl: the live line and the summary."""
