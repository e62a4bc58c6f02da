-- How the package of a release is signed without packing it again. Releases that were published while nothing was signed have
-- none until they are downloaded signed for the first time.
CREATE TABLE recipes (
    sequence INTEGER PRIMARY KEY REFERENCES releases (sequence) ON DELETE CASCADE,
    keep_bytes INTEGER NOT NULL CHECK (keep_bytes >= 0),
    glue BLOB NOT NULL,
    rem BLOB NOT NULL
) STRICT;
