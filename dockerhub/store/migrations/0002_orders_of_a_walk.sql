-- Walks that go through several orders of a list, because each shows only its front.

ALTER TABLE walk ADD COLUMN leg TEXT;       -- the order in which next_page is to be asked for
ALTER TABLE walk ADD COLUMN reach INTEGER;  -- the first page that the caller may not see
