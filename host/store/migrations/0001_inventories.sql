-- What was looked at.
CREATE TABLE source (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- One look at a source. Times are milliseconds since 1970, UTC.
CREATE TABLE run (
    id              INTEGER PRIMARY KEY,
    source          INTEGER NOT NULL REFERENCES source,
    status          TEXT NOT NULL,
    started         INTEGER NOT NULL,
    ended           INTEGER NOT NULL,
    reports_digest  BLOB NOT NULL,
    files_seen      INTEGER NOT NULL,
    files_inspected INTEGER NOT NULL,
    bytes_read      INTEGER NOT NULL,
    -- open observations that this run did not confirm; when 0, an equal digest means that nothing changed
    unconfirmed     INTEGER NOT NULL,
    assets          INTEGER NOT NULL,
    relations       INTEGER NOT NULL,
    findings        INTEGER NOT NULL,
    gaps            INTEGER NOT NULL,
    new             INTEGER NOT NULL,
    changed         INTEGER NOT NULL,
    gone            INTEGER NOT NULL,
    by_detector     INTEGER NOT NULL,
    kept            INTEGER NOT NULL,
    held            INTEGER NOT NULL
) STRICT;
CREATE INDEX run_of_source ON run (source, id);

CREATE TABLE run_plugin (
    run          INTEGER NOT NULL REFERENCES run,
    plugin       TEXT NOT NULL,
    version      TEXT NOT NULL,
    digest       BLOB NOT NULL,
    signed       INTEGER NOT NULL,
    files        INTEGER NOT NULL,
    cached       INTEGER NOT NULL,
    guest_micros INTEGER NOT NULL,
    PRIMARY KEY (run, plugin)
) STRICT, WITHOUT ROWID;

-- Gaps of the walk and of plugins that failed; those of a report are in its payload.
CREATE TABLE run_gap (
    run       INTEGER NOT NULL REFERENCES run,
    position  INTEGER NOT NULL,
    place     TEXT NOT NULL,
    reason    TEXT NOT NULL,
    argument  TEXT,
    detail    TEXT NOT NULL,
    retriable INTEGER NOT NULL,
    plugin    TEXT,
    PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_left_out (
    run      INTEGER NOT NULL REFERENCES run,
    rule     TEXT NOT NULL,
    count    INTEGER NOT NULL,
    examples TEXT NOT NULL,
    PRIMARY KEY (run, rule)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_unseen (
    run      INTEGER NOT NULL REFERENCES run,
    position INTEGER NOT NULL,
    path     TEXT NOT NULL,
    plugin   TEXT,
    PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;

-- The record: what one plugin said of one file, from one run to another. Everything below can be made from it again.
CREATE TABLE observation (
    id            INTEGER PRIMARY KEY,
    source        INTEGER NOT NULL REFERENCES source,
    plugin        TEXT NOT NULL,
    path          TEXT NOT NULL,
    content       BLOB NOT NULL,
    report        BLOB NOT NULL,
    gaps          INTEGER NOT NULL,
    opened_run    INTEGER NOT NULL REFERENCES run,
    closed_run    INTEGER REFERENCES run,
    closed_reason TEXT,
    -- seen: the latest run confirmed it; unseen, missing: `since_run` is the first that did not
    standing      TEXT NOT NULL,
    since_run     INTEGER REFERENCES run,
    -- last: rows are listed without reading its overflow pages
    payload       TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX observation_open ON observation (source, plugin, path) WHERE closed_run IS NULL;
CREATE INDEX observation_closed ON observation (source, closed_run) WHERE closed_run IS NOT NULL;

-- Current state, for lists and search.
CREATE TABLE asset (
    id               INTEGER PRIMARY KEY,
    source           INTEGER NOT NULL REFERENCES source,
    uid              BLOB NOT NULL UNIQUE,
    present          INTEGER NOT NULL,
    rank             INTEGER NOT NULL,
    kind             TEXT NOT NULL,
    name             TEXT NOT NULL COLLATE NOCASE,
    version_form     TEXT,
    version          TEXT,
    usage            INTEGER NOT NULL,
    confidence       INTEGER NOT NULL,
    doubt            INTEGER NOT NULL AS (100 - confidence) VIRTUAL,
    provider         TEXT,
    plugins          TEXT NOT NULL,
    path             TEXT,
    line             INTEGER,
    n_evidence       INTEGER NOT NULL,
    standing         TEXT NOT NULL,
    since_run        INTEGER REFERENCES run,
    first_run        INTEGER NOT NULL REFERENCES run,
    changed_run      INTEGER NOT NULL REFERENCES run,
    gone_reason      TEXT,
    digest           BLOB NOT NULL,
    relations_digest BLOB NOT NULL,
    document         TEXT NOT NULL
) STRICT;
CREATE INDEX asset_by_kind ON asset (present, rank, kind, name, uid);
CREATE INDEX asset_by_name ON asset (present, name, uid);
CREATE INDEX asset_by_change ON asset (present, changed_run, uid);
CREATE INDEX asset_of_source_by_kind ON asset (source, present, rank, kind, name, uid);
CREATE INDEX asset_of_source_by_name ON asset (source, present, name, uid);
CREATE INDEX asset_of_source_by_usage ON asset (source, present, usage, name, uid);
CREATE INDEX asset_of_source_by_doubt ON asset (source, present, doubt, name, uid);
CREATE INDEX asset_of_source_by_change ON asset (source, present, changed_run, uid);

CREATE TABLE asset_plugin (
    asset  INTEGER NOT NULL REFERENCES asset,
    plugin TEXT NOT NULL,
    PRIMARY KEY (asset, plugin)
) STRICT, WITHOUT ROWID;
CREATE INDEX asset_of_plugin ON asset_plugin (plugin, asset);

CREATE TABLE asset_identifier (
    asset  INTEGER NOT NULL REFERENCES asset,
    scheme TEXT NOT NULL,
    value  TEXT NOT NULL,
    PRIMARY KEY (asset, scheme, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX asset_of_identifier ON asset_identifier (scheme, value, asset);

CREATE TABLE asset_path (
    asset INTEGER NOT NULL REFERENCES asset,
    path  TEXT NOT NULL,
    PRIMARY KEY (asset, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX asset_of_path ON asset_path (path, asset);

CREATE VIRTUAL TABLE asset_text USING fts5 (
    name, identifiers, properties, paths,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE relation (
    id         INTEGER PRIMARY KEY,
    from_asset INTEGER NOT NULL REFERENCES asset,
    kind       TEXT NOT NULL,
    to_asset   INTEGER REFERENCES asset,
    to_scheme  TEXT,
    to_value   TEXT,
    document   TEXT NOT NULL
) STRICT;
CREATE INDEX relation_out ON relation (from_asset);
CREATE INDEX relation_in ON relation (to_asset) WHERE to_asset IS NOT NULL;

CREATE TABLE finding (
    id       INTEGER PRIMARY KEY,
    source   INTEGER NOT NULL REFERENCES source,
    digest   BLOB NOT NULL,
    severity INTEGER NOT NULL,
    rule     TEXT NOT NULL,
    plugin   TEXT NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX finding_of_source ON finding (source, digest);

CREATE TABLE finding_about (
    finding INTEGER NOT NULL REFERENCES finding ON DELETE CASCADE,
    asset   INTEGER NOT NULL REFERENCES asset,
    PRIMARY KEY (finding, asset)
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_of_asset ON finding_about (asset, finding);

-- Append-only: what each run did to each asset it touched.
CREATE TABLE asset_history (
    id     INTEGER PRIMARY KEY,
    run    INTEGER NOT NULL REFERENCES run,
    asset  INTEGER NOT NULL REFERENCES asset,
    change TEXT NOT NULL,
    reason TEXT NOT NULL,
    kind   TEXT NOT NULL,
    name   TEXT NOT NULL,
    fields TEXT NOT NULL
) STRICT;
CREATE INDEX asset_history_of_asset ON asset_history (asset, run);
CREATE INDEX asset_history_of_run ON asset_history (run);
