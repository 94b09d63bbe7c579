"""The wire: typed shapes of Hub's JSON, and the functions that read bytes as items. Pure."""
