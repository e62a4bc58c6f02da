-- Who uses the deployment server, and what it says about releases. AUTOINCREMENT: a number is never used twice.

CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
    name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 150),
    password TEXT NOT NULL CHECK (length(password) BETWEEN 1 AND 512),
    is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    is_staff INTEGER NOT NULL CHECK (is_staff IN (0, 1)),
    created_at INTEGER NOT NULL,
    last_login_at INTEGER
) STRICT;

CREATE TABLE vendors (
    id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
    name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200),
    user_id INTEGER NOT NULL REFERENCES users (id),
    -- PEM or DER, as it was given.
    certificate BLOB CHECK (length(certificate) <= 1048576)
) STRICT;

CREATE INDEX vendors_by_user ON vendors (user_id);

CREATE TABLE categories (
    id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
    name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200),
    position INTEGER NOT NULL CHECK (position BETWEEN 0 AND 4294967295),
    -- PNG or JPEG, as it was given.
    icon BLOB CHECK (length(icon) <= 1048576)
) STRICT;

-- The store's own words about a release.
CREATE TABLE store_entries (
    sequence INTEGER PRIMARY KEY REFERENCES releases (sequence) ON DELETE CASCADE,
    category_id INTEGER NOT NULL REFERENCES categories (id),
    vendor_id INTEGER NOT NULL REFERENCES vendors (id),
    brief_description TEXT NOT NULL,
    description TEXT NOT NULL
) STRICT;

CREATE INDEX store_entries_by_category ON store_entries (category_id);
CREATE INDEX store_entries_by_vendor ON store_entries (vendor_id);

-- Tokens are not kept, only their SHA-256.
CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
    user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
    platform_version INTEGER CHECK (platform_version BETWEEN 0 AND 4294967295),
    tags TEXT NOT NULL,
    conflicts TEXT NOT NULL,
    architecture TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_user ON sessions (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX sessions_without_user ON sessions (last_used_at) WHERE user_id IS NULL;

CREATE TABLE purchases (
    token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL REFERENCES releases (sequence) ON DELETE CASCADE,
    device_id TEXT CHECK (length(device_id) > 0),
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX purchases_by_expiry ON purchases (expires_at);
CREATE INDEX purchases_by_user ON purchases (user_id, expires_at);
CREATE INDEX purchases_by_release ON purchases (sequence);
