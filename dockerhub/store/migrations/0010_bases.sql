-- What an image may stand on is kept beside its layers, instead of looked for among all images.

-- manifest_base: the layers of an image that are, with those below, all layers of some other image
CREATE TABLE manifest_base (
    manifest_id INTEGER NOT NULL REFERENCES manifest (id), -- the image
    position INTEGER NOT NULL,          -- place of the uppermost of these layers
    chain BLOB NOT NULL,                -- 16 bytes for these layers: the chain of that other image
    layer_count INTEGER NOT NULL,       -- how many they are, those that hold nothing aside
    PRIMARY KEY (manifest_id, position)
) WITHOUT ROWID;
INSERT INTO manifest_base (manifest_id, position, chain, layer_count)
SELECT
    f.manifest_id, f.position, f.chain,
    (
        SELECT COUNT(*) FROM manifest_layer AS k
        WHERE k.manifest_id = f.manifest_id AND k.position <= f.position AND k.chain IS NOT NULL
    )
FROM (
    SELECT ml.manifest_id AS manifest_id, ml.position AS position, ml.chain AS chain
    FROM (SELECT DISTINCT m.chain AS chain FROM manifest AS m WHERE m.chain IS NOT NULL) AS b
    CROSS JOIN manifest_layer AS ml
    CROSS JOIN manifest AS d
    WHERE ml.chain = b.chain AND d.id = ml.manifest_id AND d.chain <> ml.chain
    ORDER BY ml.manifest_id, ml.position
) AS f;

-- reread: manifests that were read again; whether their bases have moved on is to be judged anew
CREATE TABLE reread (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- number of the reading; rises, never used again
    manifest_id INTEGER NOT NULL REFERENCES manifest (id) -- the manifest
);
CREATE INDEX reread_manifest ON reread (manifest_id);
