-- Runs, their items, who works on them, and the state of rate limits.
-- Counters live beside what they count and move in the same transaction, so nothing is ever counted.

CREATE TABLE runs (
  no           INTEGER PRIMARY KEY,
  run_id       TEXT    NOT NULL UNIQUE,
  name         TEXT    NOT NULL,
  spec         TEXT    NOT NULL,               -- JSON of runs.run.RunSpec
  state        TEXT    NOT NULL CHECK (state IN ('loading', 'running', 'paused', 'done', 'cancelled')),
  chunk_size   INTEGER NOT NULL,
  total        INTEGER NOT NULL DEFAULT 0,
  pending      INTEGER NOT NULL DEFAULT 0,
  sent         INTEGER NOT NULL DEFAULT 0,
  done         INTEGER NOT NULL DEFAULT 0,
  failed       INTEGER NOT NULL DEFAULT 0,
  uncertain    INTEGER NOT NULL DEFAULT 0,
  orphans      INTEGER NOT NULL DEFAULT 0,     -- sent items that wait for an owner to follow them
  created_at   REAL    NOT NULL,
  started_at   REAL,
  ended_at     REAL,
  reason       TEXT,
  resumes_at   REAL,
  items_sha256 TEXT,
  pace         TEXT    NOT NULL DEFAULT '[]'
);

-- The key is the order of the source, so a claim reads the next rows and no index.
CREATE TABLE items (
  run            INTEGER NOT NULL REFERENCES runs (no),
  seq            INTEGER NOT NULL,
  line           INTEGER NOT NULL,
  reference      TEXT,                         -- NULL: run id and seq stand in
  input          TEXT    NOT NULL,             -- JSON as it was written
  state          TEXT    NOT NULL DEFAULT 'pending'
                 CHECK (state IN ('pending', 'sent', 'done', 'failed', 'uncertain')),
  owner          INTEGER,
  attempts       INTEGER NOT NULL DEFAULT 0,
  sent_at        REAL,
  settled_at     REAL,
  status         TEXT,
  execution_id   TEXT,
  correlation_id TEXT,
  result         TEXT,
  error          TEXT,
  PRIMARY KEY (run, seq)
) WITHOUT ROWID;

-- Small whatever the run's size: what is in flight, and what nobody knows.
CREATE INDEX items_sent ON items (run, owner, seq) WHERE state = 'sent';
CREATE INDEX items_uncertain ON items (run, seq) WHERE state = 'uncertain';
-- Small too: claimed once and given back, so no longer behind its chunk's cursor.
CREATE INDEX items_given_back ON items (run, seq) WHERE state = 'pending' AND attempts > 0;

-- A range of seq. Every item from `cursor` to `last` was never claimed.
CREATE TABLE chunks (
  run        INTEGER NOT NULL REFERENCES runs (no),
  chunk      INTEGER NOT NULL,
  first      INTEGER NOT NULL,
  last       INTEGER NOT NULL,
  cursor     INTEGER NOT NULL,
  pending    INTEGER NOT NULL,
  given_back INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (run, chunk)
) WITHOUT ROWID;
CREATE INDEX chunks_open ON chunks (run, chunk) WHERE pending > 0;

CREATE TABLE owners (
  no      INTEGER PRIMARY KEY,
  run     INTEGER NOT NULL REFERENCES runs (no),
  role    TEXT    NOT NULL CHECK (role IN ('loader', 'driver', 'worker')),
  host    TEXT    NOT NULL,                    -- which boot of which machine
  pid     INTEGER NOT NULL,
  born    TEXT    NOT NULL,                    -- tells a process from a later one of its id
  beat_at REAL    NOT NULL,
  dead    INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX owners_alive ON owners (run) WHERE dead = 0;

CREATE TABLE limits (
  key   TEXT PRIMARY KEY,
  epoch TEXT NOT NULL,                         -- which clock the state's times belong to
  state TEXT NOT NULL                          -- JSON of calls.limiter.Window
) WITHOUT ROWID;

-- Events of runs, written with what they tell of; moved from here to the endpoints' deliveries.
CREATE TABLE outbox (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id TEXT NOT NULL UNIQUE,
  type     TEXT NOT NULL,
  payload  BLOB NOT NULL,
  at       REAL NOT NULL
);
