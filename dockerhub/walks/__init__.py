"""One paged list followed to its end: what to ask next, when it ends and why. Pure."""
