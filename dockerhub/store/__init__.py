"""The database: schema, migrations, writer, questions. Knows no Scrapy."""
