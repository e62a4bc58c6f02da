-- Which releases each of the last generations added or removed, so that whoever has a list need not read all of it again.
CREATE TABLE changes (
    generation INTEGER NOT NULL CHECK (generation > 0),
    sequence INTEGER NOT NULL,
    PRIMARY KEY (generation, sequence)
) STRICT, WITHOUT ROWID;
