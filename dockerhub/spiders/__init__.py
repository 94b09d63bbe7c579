"""What to ask and in what order."""
