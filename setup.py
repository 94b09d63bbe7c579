__import__("setuptools").setup()  # scrapyd-deploy builds the egg with it; all else: pyproject.toml
