"""The sixteen categories of Docker Hub's catalogue."""

from __future__ import annotations

from dockerhub.standin.truth import Category

_NAMES = (
    ("Networking", "networking"),
    ("Security", "security"),
    ("Languages & Frameworks", "languages-and-frameworks"),
    ("Integration & Delivery", "integration-and-delivery"),
    ("Message Queues", "message-queues"),
    ("API Management", "api-management"),
    ("Internet of Things", "internet-of-things"),
    ("Machine Learning & AI", "machine-learning-and-ai"),
    ("Developer Tools", "developer-tools"),
    ("Data Science", "data-science"),
    ("Web Servers", "web-servers"),
    ("Operating Systems", "operating-systems"),
    ("Content Management System", "content-management-system"),
    ("Databases & Storage", "databases-and-storage"),
    ("Monitoring & Observability", "monitoring-and-observability"),
    ("Web Analytics", "web-analytics"),
)

CATEGORIES = tuple(Category(name=name, slug=slug) for name, slug in _NAMES)
