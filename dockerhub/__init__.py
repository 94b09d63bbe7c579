"""Keep a local database in agreement with a part of Docker Hub."""

__version__ = "0.1.0"
