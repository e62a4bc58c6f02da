-- What the header of a package states about the devices that it fits: canonical texts, or why nobody can say. Releases that are
-- there already get theirs from their documents (src/fill_tags.rs).
ALTER TABLE releases ADD COLUMN tags TEXT NOT NULL DEFAULT '';
ALTER TABLE releases ADD COLUMN conflicts TEXT NOT NULL DEFAULT '';
ALTER TABLE releases ADD COLUMN malformed_tags TEXT CHECK (malformed_tags IS NULL OR tags = '' AND conflicts = '');
