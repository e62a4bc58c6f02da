-- How often releases were downloaded, by day (days since 1970-01-01, in UTC). What is known of a release that is gone stays.

CREATE TABLE downloads (
    day INTEGER NOT NULL,
    package_id TEXT NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    downloads INTEGER NOT NULL CHECK (downloads > 0),
    PRIMARY KEY (day, package_id, sequence)
) STRICT, WITHOUT ROWID;
