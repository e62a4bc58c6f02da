-- Who did what: a chain of entries, in which nothing is changed, and from which nothing but the oldest is removed.

CREATE TABLE audit_entries (
    -- None is left out.
    sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
    at INTEGER NOT NULL,
    action TEXT NOT NULL CHECK (length(action) > 0),
    actor_kind TEXT NOT NULL CHECK (length(actor_kind) > 0),
    actor TEXT,
    channel TEXT NOT NULL CHECK (length(channel) > 0),
    address TEXT,
    request TEXT,
    result TEXT NOT NULL CHECK (result IN ('ok', 'refused', 'failed')),
    code TEXT,
    package TEXT,
    object TEXT,
    -- What stands for a device: see audit_state.device_salt.
    device TEXT,
    count INTEGER NOT NULL CHECK (count > 0),
    details TEXT NOT NULL CHECK (json_type(details) = 'object'),
    -- SHA-256 over the hash before and all of these.
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE INDEX audit_entries_by_actor ON audit_entries (actor, sequence) WHERE actor IS NOT NULL;
CREATE INDEX audit_entries_by_action ON audit_entries (action, sequence);
CREATE INDEX audit_entries_by_package ON audit_entries (package, sequence) WHERE package IS NOT NULL;
CREATE INDEX audit_entries_by_result ON audit_entries (result, sequence) WHERE result <> 'ok';

CREATE TABLE audit_state (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    -- The last entry that was removed because of age or number; 0 and zeros if none was.
    pruned_through INTEGER NOT NULL CHECK (pruned_through >= 0),
    pruned_hash BLOB NOT NULL CHECK (length(pruned_hash) = 32),
    -- The last entry; likewise.
    head_sequence INTEGER NOT NULL CHECK (head_sequence >= pruned_through),
    head_hash BLOB NOT NULL CHECK (length(head_hash) = 32),
    -- Devices stand in entries as a hash over this and their hardware id.
    device_salt BLOB NOT NULL CHECK (length(device_salt) = 32)
) STRICT;

INSERT INTO audit_state (only_row, pruned_through, pruned_hash, head_sequence, head_hash, device_salt)
    VALUES (1, 0, zeroblob(32), 0, zeroblob(32), randomblob(32));

CREATE TRIGGER audit_entries_follow_each_other BEFORE INSERT ON audit_entries
WHEN NEW.sequence IS NOT (SELECT head_sequence + 1 FROM audit_state)
BEGIN
    SELECT RAISE(ABORT, 'entries of the audit trail follow each other');
END;

CREATE TRIGGER audit_entries_stay_as_they_are BEFORE UPDATE ON audit_entries
BEGIN
    SELECT RAISE(ABORT, 'entries of the audit trail are never changed');
END;

CREATE TRIGGER audit_entries_stay BEFORE DELETE ON audit_entries
WHEN OLD.sequence > (SELECT pruned_through FROM audit_state)
BEGIN
    SELECT RAISE(ABORT, 'entries of the audit trail are removed by their age only');
END;

-- What is removed is the beginning, and its end is remembered; the end of the trail only grows.
CREATE TRIGGER audit_state_goes_on BEFORE UPDATE ON audit_state
WHEN NEW.pruned_through < OLD.pruned_through
    OR NEW.head_sequence < OLD.head_sequence
    OR NEW.device_salt IS NOT OLD.device_salt
    OR NEW.pruned_hash IS NOT CASE NEW.pruned_through WHEN OLD.pruned_through THEN OLD.pruned_hash
        ELSE (SELECT hash FROM audit_entries WHERE sequence = NEW.pruned_through) END
    OR NEW.head_hash IS NOT CASE NEW.head_sequence WHEN OLD.head_sequence THEN OLD.head_hash
        ELSE (SELECT hash FROM audit_entries WHERE sequence = NEW.head_sequence) END
BEGIN
    SELECT RAISE(ABORT, 'the audit trail only goes on');
END;

CREATE TRIGGER audit_state_stays BEFORE DELETE ON audit_state
BEGIN
    SELECT RAISE(ABORT, 'the audit trail only goes on');
END;
