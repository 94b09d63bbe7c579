from setuptools import setup

setup()  # noqa: E702, I001  (scrapyd-deploy builds the egg with it; the rest is in pyproject.toml)
