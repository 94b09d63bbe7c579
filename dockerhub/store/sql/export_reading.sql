-- rows --
-- What is in this view or table?
SELECT {columns} FROM {source}

-- org --
-- Of this user or organisation.
{column} = :org

-- repo --
-- Of this repository.
{column} = :repo

-- repo_glob --
-- Of the repositories that a GLOB matches; its fixed beginning lets an index find them.
{column} >= :least AND {column} < :most AND {column} GLOB :glob

-- since --
-- Not older than this.
{column} >= :since
