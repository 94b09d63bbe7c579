-- mark --
-- How far was a receiver told?
SELECT event_id FROM webhook WHERE fingerprint = ?;

-- begin --
-- A receiver is used for the first time.
INSERT INTO webhook (fingerprint, event_id, post_count, begun_at) VALUES (?, ?, 0, ?)
ON CONFLICT (fingerprint) DO NOTHING;

-- confirm --
-- A receiver has confirmed an event.
UPDATE webhook
SET event_id = ?, post_count = post_count + 1, confirmed_at = ?
WHERE fingerprint = ? AND event_id < ?;

-- skip --
-- A receiver needs no event up to one.
UPDATE webhook SET event_id = ? WHERE fingerprint = ? AND event_id < ?;
