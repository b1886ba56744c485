-- What an operator connected. No secret is here: a credential is named by where it is kept.
CREATE TABLE connection (
    id                INTEGER PRIMARY KEY,
    name              TEXT NOT NULL UNIQUE,
    plugin            TEXT NOT NULL,
    permissions       BLOB NOT NULL,
    endpoint          TEXT,
    allow_private     TEXT NOT NULL,
    authority         TEXT,
    settings          TEXT NOT NULL,
    max_calls         INTEGER,
    max_bytes         INTEGER,
    max_cost_microusd INTEGER,
    max_seconds       INTEGER
) STRICT;

CREATE TABLE connection_credential (
    connection INTEGER NOT NULL REFERENCES connection ON DELETE CASCADE,
    slot       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    reference  TEXT NOT NULL,
    options    TEXT NOT NULL,
    PRIMARY KEY (connection, slot)
) STRICT, WITHOUT ROWID;

-- What a collector can list completely.
CREATE TABLE scope (
    id                INTEGER PRIMARY KEY,
    source            INTEGER NOT NULL REFERENCES source,
    name              TEXT NOT NULL,
    kind              TEXT NOT NULL,
    label             TEXT NOT NULL,
    last_complete_run INTEGER REFERENCES run,
    UNIQUE (source, name)
) STRICT;

CREATE TABLE scope_run (
    run           INTEGER NOT NULL REFERENCES run,
    scope         INTEGER NOT NULL REFERENCES scope,
    status        TEXT NOT NULL,
    detail        TEXT NOT NULL,
    seen          INTEGER NOT NULL,
    calls         INTEGER NOT NULL,
    retries       INTEGER NOT NULL,
    throttled     INTEGER NOT NULL,
    bytes         INTEGER NOT NULL,
    cost_microusd INTEGER NOT NULL,
    millis        INTEGER NOT NULL,
    PRIMARY KEY (run, scope)
) STRICT, WITHOUT ROWID;
CREATE INDEX scope_run_of_scope ON scope_run (scope, run);

CREATE TABLE run_operation (
    run       INTEGER NOT NULL REFERENCES run,
    service   TEXT NOT NULL,
    operation TEXT NOT NULL,
    actions   TEXT NOT NULL,
    calls     INTEGER NOT NULL,
    denied    INTEGER NOT NULL,
    PRIMARY KEY (run, service, operation)
) STRICT, WITHOUT ROWID;

-- A look at a connected source that is under way, so that it can go on after a stop. Open, recorded or given-up.
CREATE TABLE collection (
    id            INTEGER PRIMARY KEY,
    source        INTEGER NOT NULL REFERENCES source,
    plugin        TEXT NOT NULL,
    digest        BLOB NOT NULL,
    started       INTEGER NOT NULL,
    state         TEXT NOT NULL,
    run           INTEGER REFERENCES run,
    planned       INTEGER NOT NULL,
    believed      INTEGER NOT NULL,
    -- of the probe
    calls         INTEGER NOT NULL,
    retries       INTEGER NOT NULL,
    throttled     INTEGER NOT NULL,
    bytes         INTEGER NOT NULL,
    cost_microusd INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX collection_open ON collection (source) WHERE state = 'open';

-- The rest is empty for a collection that is closed.
CREATE TABLE collection_scope (
    collection     INTEGER NOT NULL REFERENCES collection,
    position       INTEGER NOT NULL,
    scope          INTEGER NOT NULL REFERENCES scope,
    holder         TEXT,
    until          INTEGER,
    slices         INTEGER NOT NULL,
    cursor_version INTEGER,
    cursor         BLOB,
    ended          TEXT,
    detail         TEXT NOT NULL,
    calls          INTEGER NOT NULL,
    retries        INTEGER NOT NULL,
    throttled      INTEGER NOT NULL,
    bytes          INTEGER NOT NULL,
    cost_microusd  INTEGER NOT NULL,
    millis         INTEGER NOT NULL,
    guest_micros   INTEGER NOT NULL,
    PRIMARY KEY (collection, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX collection_scope_to_do ON collection_scope (collection, position) WHERE ended IS NULL;

CREATE TABLE collection_slice (
    collection INTEGER NOT NULL REFERENCES collection,
    position   INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    report     TEXT NOT NULL,
    PRIMARY KEY (collection, position, number)
) STRICT;

CREATE TABLE collection_operation (
    collection INTEGER NOT NULL REFERENCES collection,
    holder     TEXT NOT NULL,
    service    TEXT NOT NULL,
    operation  TEXT NOT NULL,
    actions    TEXT NOT NULL,
    calls      INTEGER NOT NULL,
    denied     INTEGER NOT NULL,
    PRIMARY KEY (collection, holder, service, operation)
) STRICT, WITHOUT ROWID;

-- Edges that only another source can end.
CREATE INDEX relation_unresolved ON relation (to_scheme, to_value) WHERE to_scheme IS NOT NULL;
