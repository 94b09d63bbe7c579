"""The ways out: which proxies are good, whose sessions last, and which are one address. Pure."""
