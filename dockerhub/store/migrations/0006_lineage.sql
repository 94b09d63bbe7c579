-- What is built on what: an image by all its layers together.

-- manifest: one column more
ALTER TABLE manifest ADD COLUMN chain BLOB; -- 16 bytes for all its layers; NULL: not known or empty
UPDATE manifest SET chain = (
    SELECT ml.chain FROM manifest_layer AS ml
    WHERE ml.manifest_id = manifest.id AND ml.chain IS NOT NULL
    ORDER BY ml.position DESC
    LIMIT 1
)
WHERE kind = 'image';
CREATE INDEX manifest_chain ON manifest (chain) WHERE chain IS NOT NULL;
-- Which tags have left what they showed? Moves are few beside tags.
CREATE INDEX tag_move_image_set ON tag_move (image_set_id);
CREATE INDEX attestation_base_name ON attestation_base (name) WHERE name IS NOT NULL;
