-- Releases, their documents, and a number that grows with every change.

-- One row: what is known of the catalog as a whole.
CREATE TABLE store (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    generation INTEGER NOT NULL CHECK (generation >= 0)
) STRICT;

INSERT INTO store (only_row, generation) VALUES (1, 0);

-- Everything that lists and look-ups read. AUTOINCREMENT: a number is never used twice, also not after its release is gone.
CREATE TABLE releases (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT CHECK (sequence > 0),
    id TEXT NOT NULL CHECK (length(id) BETWEEN 1 AND 150),
    version TEXT NOT NULL,
    architecture TEXT NOT NULL CHECK (length(architecture) BETWEEN 1 AND 64),
    -- Absent: a universal binary, for which that dialect has no word.
    deployment_architecture TEXT CHECK (length(deployment_architecture) > 0),
    names TEXT NOT NULL CHECK (json_type(names) = 'object'),
    descriptions TEXT NOT NULL CHECK (json_type(descriptions) = 'object'),
    categories TEXT NOT NULL CHECK (json_type(categories) = 'array'),
    format_version INTEGER NOT NULL CHECK (format_version IN (1, 2)),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    digest_fit TEXT NOT NULL CHECK (digest_fit IN ('both', 'qt6', 'qt5')),
    developer_subject TEXT,
    developer_serial TEXT,
    developer_not_before INTEGER,
    developer_not_after INTEGER,
    developer_fingerprint BLOB CHECK (length(developer_fingerprint) = 32),
    has_store_signature INTEGER NOT NULL CHECK (has_store_signature IN (0, 1)),
    package_blob BLOB NOT NULL CHECK (length(package_blob) = 32),
    package_size_bytes INTEGER NOT NULL CHECK (package_size_bytes >= 0),
    icon_blob BLOB CHECK (length(icon_blob) = 32),
    icon_size_bytes INTEGER CHECK (icon_size_bytes >= 0),
    icon_media_type TEXT,
    uploaded_at INTEGER NOT NULL,
    uploaded_by TEXT NOT NULL,
    -- The file in .packages. While the link is pending, the stamp is that of the file that it will replace.
    link TEXT NOT NULL CHECK (link IN ('pending', 'made')),
    link_device INTEGER,
    link_inode INTEGER,
    link_size_bytes INTEGER CHECK (link_size_bytes >= 0),
    link_modified_ns INTEGER,
    CHECK (
        (developer_subject IS NULL) = (developer_serial IS NULL)
        AND (developer_subject IS NULL) = (developer_not_before IS NULL)
        AND (developer_subject IS NULL) = (developer_not_after IS NULL)
        AND (developer_subject IS NULL) = (developer_fingerprint IS NULL)
    ),
    CHECK (
        (icon_blob IS NULL) = (icon_size_bytes IS NULL)
        AND (icon_blob IS NULL) = (icon_media_type IS NULL)
    ),
    CHECK (
        (link_device IS NULL) = (link_inode IS NULL)
        AND (link_device IS NULL) = (link_size_bytes IS NULL)
        AND (link_device IS NULL) = (link_modified_ns IS NULL)
        AND (link = 'pending' OR link_device IS NOT NULL)
    )
) STRICT;

CREATE INDEX releases_by_id ON releases (id, architecture, sequence);
-- Whether a blob is still referred to.
CREATE INDEX releases_by_package_blob ON releases (package_blob);
CREATE INDEX releases_by_icon_blob ON releases (icon_blob) WHERE icon_blob IS NOT NULL;

-- Long texts, apart from what a list reads.
CREATE TABLE documents (
    sequence INTEGER PRIMARY KEY REFERENCES releases (sequence) ON DELETE CASCADE,
    manifest TEXT NOT NULL,
    extra TEXT NOT NULL,
    extra_signed TEXT
) STRICT;
