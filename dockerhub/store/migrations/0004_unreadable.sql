-- What is proven by its digest and cannot be read is stored as that: nobody asks for it again.

-- config: one column more
ALTER TABLE config ADD COLUMN detail TEXT; -- why it was not read, where it was not
