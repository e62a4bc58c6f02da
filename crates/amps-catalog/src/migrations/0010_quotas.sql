-- What a token may bring in a day.

ALTER TABLE access_tokens ADD COLUMN uploads_per_day INTEGER CHECK (uploads_per_day BETWEEN 1 AND 9007199254740991);
ALTER TABLE access_tokens ADD COLUMN bytes_per_day INTEGER CHECK (bytes_per_day BETWEEN 1 AND 9007199254740991);

-- What was begun in a day with tokens that have a quota. Rows of other days go when the first of a day is written.
CREATE TABLE token_usage (
    token INTEGER PRIMARY KEY REFERENCES access_tokens (id) ON DELETE CASCADE,
    -- Since 1 January 1970, in UTC.
    day INTEGER NOT NULL,
    uploads INTEGER NOT NULL CHECK (uploads > 0),
    bytes INTEGER NOT NULL CHECK (bytes >= 0)
) STRICT;
