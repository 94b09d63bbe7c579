-- What images are made of: manifests, layers, build steps, configs, attestations.
-- A digest is 32 bytes; a size is bytes as they are stored.

-- tag: three columns more
ALTER TABLE tag ADD COLUMN registry_digest BLOB;        -- digest that the registry's HEAD said
ALTER TABLE tag ADD COLUMN registry_media_type TEXT;    -- media type that the HEAD said
ALTER TABLE tag ADD COLUMN listed_at INTEGER;           -- when Hub last showed it; NULL: never
UPDATE tag SET listed_at = last_seen_at;
CREATE INDEX tag_registry_digest ON tag (registry_digest) WHERE registry_digest IS NOT NULL;

-- image: its manifest's tags are found through the front of its digest, which takes less room
CREATE INDEX image_digest ON image (substr(digest, 1, 6)) WHERE digest IS NOT NULL;

-- media_type: a media type of layers, stored once
CREATE TABLE media_type (
    id INTEGER PRIMARY KEY,             -- number of the media type in this database
    name TEXT NOT NULL UNIQUE           -- the media type
);

-- layer: a layer, stored once however many images have it
CREATE TABLE layer (
    id INTEGER PRIMARY KEY,             -- number of the layer in this database
    digest BLOB NOT NULL UNIQUE,        -- its digest
    size INTEGER                        -- compressed bytes; NULL where nobody said it
);

-- manifest: one platform's manifest, an index, an attestation or an artifact
CREATE TABLE manifest (
    id INTEGER PRIMARY KEY,             -- number of the manifest in this database
    digest BLOB NOT NULL UNIQUE,        -- its digest
    kind TEXT NOT NULL,                 -- image, index, attestation, artifact or schema 1
    media_type TEXT,                    -- media type; NULL where only Hub spoke of it
    artifact_type TEXT,                 -- what an artifact is: its own word, else its config's type
    platform_id INTEGER REFERENCES platform (id), -- its platform; NULL where nobody said it
    size INTEGER,                       -- bytes of the manifest itself; NULL from Hub
    config_size INTEGER,                -- bytes of its config, as it says; NULL from Hub
    config_digest BLOB,                 -- digest of its config; NULL from Hub
    subject_digest BLOB,                -- the manifest that an attestation or artifact is about
    refused_count INTEGER NOT NULL,     -- entries that could not be read
    evidence TEXT NOT NULL,             -- hub (its list of build steps) or registry (proven bytes)
    seen_at INTEGER NOT NULL            -- when it was read
);
CREATE INDEX manifest_config ON manifest (config_digest) WHERE config_digest IS NOT NULL;
CREATE INDEX manifest_subject ON manifest (subject_digest) WHERE subject_digest IS NOT NULL;

-- manifest_layer: the layers of a manifest, bottom first
CREATE TABLE manifest_layer (
    manifest_id INTEGER NOT NULL REFERENCES manifest (id), -- the manifest
    position INTEGER NOT NULL,          -- place from 0
    layer_id INTEGER NOT NULL REFERENCES layer (id), -- the layer
    media_type_id INTEGER REFERENCES media_type (id), -- its type here; NULL if only Hub spoke of it
    size INTEGER,                       -- its bytes as told here; NULL: those of the layer
    chain BLOB,                         -- 16 bytes for this and all layers below; NULL: it is empty
    PRIMARY KEY (manifest_id, position)
) WITHOUT ROWID;
CREATE INDEX manifest_layer_layer ON manifest_layer (layer_id);
CREATE INDEX manifest_layer_chain ON manifest_layer (chain) WHERE chain IS NOT NULL;

-- instruction: the text of a build step, stored once however many images have it
CREATE TABLE instruction (
    id INTEGER PRIMARY KEY,             -- number of the text
    fingerprint BLOB NOT NULL UNIQUE,   -- 16 bytes that stand for the text
    text TEXT NOT NULL                  -- the text as the builder wrote it
);

-- build_step: the steps of a manifest's build, first one first
CREATE TABLE build_step (
    manifest_id INTEGER NOT NULL REFERENCES manifest (id), -- the manifest
    position INTEGER NOT NULL,          -- place from 0
    instruction_id INTEGER REFERENCES instruction (id), -- what was done; NULL if it is not said
    layer_position INTEGER,             -- the layer that it made; NULL if only metadata changed
    created_at INTEGER,                 -- when it was done; NULL from Hub
    PRIMARY KEY (manifest_id, position)
) WITHOUT ROWID;

-- index_member: what is in an index, in its order
CREATE TABLE index_member (
    index_id INTEGER NOT NULL REFERENCES manifest (id), -- the index
    position INTEGER NOT NULL,          -- place from 0
    digest BLOB NOT NULL,               -- digest of the member's manifest
    media_type TEXT,                    -- media type of the member
    size INTEGER,                       -- bytes of the member's manifest
    platform_id INTEGER REFERENCES platform (id), -- its platform; NULL where it is not said
    kind TEXT NOT NULL,                 -- image, index, attestation or artifact, as the index says
    subject_digest BLOB,                -- the image that an attestation is about
    PRIMARY KEY (index_id, position)
) WITHOUT ROWID;
CREATE INDEX index_member_digest ON index_member (digest);

-- annotation: what a manifest says of itself, or an index of a member
CREATE TABLE annotation (
    manifest_id INTEGER NOT NULL REFERENCES manifest (id), -- the manifest or index
    member INTEGER NOT NULL,            -- place of the member that it is about; -1: the whole
    name TEXT NOT NULL,                 -- its key
    value TEXT NOT NULL,                -- its value
    PRIMARY KEY (manifest_id, member, name)
) WITHOUT ROWID;
CREATE INDEX annotation_name ON annotation (name, value);

-- config: an image's config, stored once however many manifests have it
CREATE TABLE config (
    id INTEGER PRIMARY KEY,             -- number of the config in this database
    digest BLOB NOT NULL UNIQUE,        -- its digest
    size INTEGER NOT NULL,              -- its bytes
    platform_id INTEGER REFERENCES platform (id), -- the platform that it says
    created_at INTEGER,                 -- when the image was built; NULL where it is not said
    author TEXT,                        -- who built it
    user TEXT,                          -- user that the program runs as
    working_dir TEXT,                   -- folder that it starts in
    entrypoint TEXT,                    -- JSON list; NULL if there is none
    cmd TEXT,                           -- JSON list; NULL if there is none
    env TEXT,                           -- JSON list of NAME=value; NULL if there is none
    exposed_ports TEXT,                 -- joined with |
    volumes TEXT,                       -- JSON list; NULL if there is none
    stop_signal TEXT,                   -- signal that ends it
    diff_ids BLOB,                      -- digests of the unpacked layers, 32 bytes each
    history TEXT,                       -- JSON list of its steps; NULL once a manifest has them
    seen_at INTEGER NOT NULL            -- when it was read
);

-- label: the labels of a config
CREATE TABLE label (
    config_id INTEGER NOT NULL REFERENCES config (id), -- the config
    name TEXT NOT NULL,                 -- its key
    value TEXT NOT NULL,                -- its value
    PRIMARY KEY (config_id, name)
) WITHOUT ROWID;
CREATE INDEX label_name ON label (name, value);

-- attestation: a statement about an image: how it was built, or what is in it
CREATE TABLE attestation (
    id INTEGER PRIMARY KEY,             -- number of the attestation in this database
    manifest_id INTEGER NOT NULL REFERENCES manifest (id), -- the attestation manifest that holds it
    digest BLOB NOT NULL,               -- digest of the statement
    subject_digest BLOB,                -- the image's manifest
    predicate_type TEXT,                -- what it states, such as https://slsa.dev/provenance/v1
    size INTEGER NOT NULL,              -- its bytes
    builder TEXT,                       -- who built the image
    build_type TEXT,                    -- how
    source TEXT,                        -- repository that it was built from
    revision TEXT,                      -- commit that it was built from
    dockerfile TEXT,                    -- the Dockerfile, where it is inside
    package_count INTEGER,              -- packages that an SBOM lists; NULL where it is none
    detail TEXT,                        -- why it was not read, where it was not
    seen_at INTEGER NOT NULL,           -- when it was read
    UNIQUE (manifest_id, digest)
);
CREATE INDEX attestation_subject ON attestation (subject_digest) WHERE subject_digest IS NOT NULL;

-- attestation_base: what a build was made of, as its provenance says
CREATE TABLE attestation_base (
    attestation_id INTEGER NOT NULL REFERENCES attestation (id), -- the provenance
    position INTEGER NOT NULL,          -- place from 0
    uri TEXT NOT NULL,                  -- as the provenance names it
    name TEXT,                          -- the image, such as docker.io/library/alpine:3.20
    digest BLOB,                        -- its digest
    PRIMARY KEY (attestation_id, position)
) WITHOUT ROWID;
CREATE INDEX attestation_base_digest ON attestation_base (digest) WHERE digest IS NOT NULL;

-- package: a package in a version, stored once however many images have it
CREATE TABLE package (
    id INTEGER PRIMARY KEY,             -- number of the package in this database
    name TEXT NOT NULL,                 -- its name
    version TEXT NOT NULL,              -- its version; empty if it is not said
    purl TEXT NOT NULL,                 -- its package URL; empty if it is not said
    UNIQUE (name, version, purl)
);

-- attestation_package: the packages that an SBOM lists
CREATE TABLE attestation_package (
    attestation_id INTEGER NOT NULL REFERENCES attestation (id), -- the SBOM
    package_id INTEGER NOT NULL REFERENCES package (id), -- the package
    PRIMARY KEY (attestation_id, package_id)
) WITHOUT ROWID;
CREATE INDEX attestation_package_package ON attestation_package (package_id);
