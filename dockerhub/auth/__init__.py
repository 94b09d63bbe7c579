"""Who we are: credentials, and the token that they are exchanged for. Pure."""
