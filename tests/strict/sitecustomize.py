"""Imported by Python as it starts, where this folder is in PYTHONPATH."""

import warnings

# Scrapy's deprecations are no DeprecationWarning; to name their class would be to import Scrapy.
warnings.filterwarnings("error", category=Warning, module=r"dockerhub(\.|$)")
