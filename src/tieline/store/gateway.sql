-- The strict gateway's invocations. A row is written before anything is sent; `document` after.
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS invocations (
  n               INTEGER PRIMARY KEY,
  id              TEXT NOT NULL UNIQUE,
  action_id       TEXT NOT NULL,
  idempotency_key TEXT,
  body_hash       TEXT NOT NULL,
  created         REAL NOT NULL,
  document        TEXT
);
CREATE UNIQUE INDEX IF NOT EXISTS invocation_key ON invocations (action_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS invocation_of_action ON invocations (action_id, n);
-- A process died between its intent and its answer: what became of it is not known.
UPDATE invocations SET document = json_object(
  'status', 'error', 'code', 'OUTCOME_UNKNOWN',
  'message', 'the gateway stopped before the answer came: it may have been carried out',
  'details', json_array(), 'hint', 'look it up on the platform before sending it again',
  'correlation_id', id, 'request_id', id)
WHERE document IS NULL;
