-- Walks that go through several orders of a list, because each shows only its front.

-- walk: two columns more
ALTER TABLE walk ADD COLUMN leg TEXT;       -- the order in which next_page is to be asked for
ALTER TABLE walk ADD COLUMN reach INTEGER;  -- the first row from 0 that the caller may not see
