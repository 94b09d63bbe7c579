"""How much is taken in of what anybody may have pushed: caps that more than one room holds to.

Sizes are bytes of bodies. A list of Docker Hub may have as many: `DOWNLOAD_MAXSIZE`.
"""

from __future__ import annotations

MANIFEST_BYTES = 4 * 1024 * 1024
"""What registries take in, and containers/image and regclient give up at."""

BLOB_BYTES = 16 * 1024 * 1024
"""More than a config or a statement that is read: the SBOM of a large image has 15.8 MB."""

PAGE_BYTES = 16 * 1024 * 1024
"""of a list without pages: names of tags, or images with their layers"""

MOST_MEMBERS = 1000
"""of one index, and of all indexes below it"""

MOST_STEPS = 2000
"""of one build; with more than 127 layers an image cannot be run"""
