-- Who may do what: tokens with roles. A token is not kept, only its SHA-256.

CREATE TABLE access_tokens (
    -- Tells the order in which they were made. AUTOINCREMENT: a number is never used twice.
    id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
    -- Words with commas in between.
    roles TEXT NOT NULL CHECK (length(roles) > 0),
    -- Patterns of package ids; none: all packages.
    packages TEXT NOT NULL CHECK (json_type(packages) = 'array'),
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;

-- A generation of its own: whoever holds the tokens in memory reads them again when one has changed, not with every package.
CREATE TABLE access_state (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    generation INTEGER NOT NULL CHECK (generation >= 0)
) STRICT;

INSERT INTO access_state (only_row, generation) VALUES (1, 0);
