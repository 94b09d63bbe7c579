-- Who was told what changed, and how far.

-- webhook: a receiver of events, and the last event that it has confirmed
CREATE TABLE webhook (
    id INTEGER PRIMARY KEY,             -- number of the receiver in this database
    fingerprint BLOB NOT NULL UNIQUE,   -- 32 bytes that stand for its URL and filters, no way back
    event_id INTEGER NOT NULL,          -- number of the last event that it needs no more; 0: none
    post_count INTEGER NOT NULL,        -- events that it has confirmed
    begun_at INTEGER NOT NULL,          -- when it was used first
    confirmed_at INTEGER                -- when it last confirmed an event; NULL: never
);
