"""What happens to an item: dedupe, then store."""
