-- What a release is told from others by. Until now nothing but the store kept two of the same apart: if there are any, the last
-- one counts.
DELETE FROM releases
WHERE sequence NOT IN (SELECT max(sequence) FROM releases GROUP BY id, version, architecture, tags);

CREATE UNIQUE INDEX releases_by_identity ON releases (id, version, architecture, tags);

-- Whoever has a list reads it again, with tags. One that was never changed stays one that was never changed.
UPDATE store SET generation = generation + 1 WHERE generation > 0;
