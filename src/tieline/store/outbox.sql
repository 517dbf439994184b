-- Events and their deliveries. The table `outbox` may stand in any database beside the state it
-- tells of; the others stand in one file, webhooks.sqlite3.

-- name: create_outbox
CREATE TABLE IF NOT EXISTS outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE, type TEXT NOT NULL,
  payload BLOB NOT NULL, at REAL NOT NULL
);

-- name: enqueue
INSERT INTO outbox (event_id, type, payload, at) VALUES (?, ?, ?, ?);

-- name: waiting
SELECT id, event_id, type, payload, at FROM outbox ORDER BY id LIMIT ?;

-- name: taken
DELETE FROM outbox WHERE id <= ?;

-- name: create
-- `failures` in a row and `next_at` are the endpoint's circuit; `claimed_until` keeps two processes
-- from delivering to it at once, which would break its order.
CREATE TABLE IF NOT EXISTS endpoint (
  name TEXT PRIMARY KEY, url TEXT NOT NULL, events TEXT NOT NULL, secrets TEXT NOT NULL,
  api_key TEXT, networks TEXT NOT NULL, plain_http INTEGER NOT NULL,
  failures INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL DEFAULT 0,
  claimed_until REAL NOT NULL DEFAULT 0, gone INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS delivery (
  id INTEGER PRIMARY KEY AUTOINCREMENT, endpoint TEXT NOT NULL REFERENCES endpoint ON DELETE CASCADE,
  event_id TEXT NOT NULL, type TEXT NOT NULL, payload BLOB NOT NULL, at REAL NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead')),
  attempts INTEGER NOT NULL DEFAULT 0, error TEXT,
  UNIQUE (endpoint, event_id)
);
CREATE INDEX IF NOT EXISTS delivery_next ON delivery (endpoint, state, id);

-- name: put_endpoint
INSERT INTO endpoint (name, url, events, secrets, api_key, networks, plain_http)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET url = excluded.url, events = excluded.events,
  secrets = excluded.secrets, api_key = excluded.api_key, networks = excluded.networks,
  plain_http = excluded.plain_http, failures = 0, next_at = 0, gone = 0;

-- name: endpoints
SELECT name, url, events, secrets, api_key, networks, plain_http, failures, next_at, gone
  FROM endpoint ORDER BY name;

-- name: remove_endpoint
DELETE FROM endpoint WHERE name = ?;

-- name: fan_out
-- A second fan-out of the same event, after a crash between two databases, changes nothing.
INSERT OR IGNORE INTO delivery (endpoint, event_id, type, payload, at) VALUES (?, ?, ?, ?, ?);

-- name: claim_endpoint
UPDATE endpoint SET claimed_until = ?
 WHERE name = ? AND claimed_until <= ? AND next_at <= ? AND gone = 0;

-- name: release_endpoint
UPDATE endpoint SET claimed_until = 0, failures = ?, next_at = ?, gone = ? WHERE name = ?;

-- name: oldest
SELECT id, event_id, type, payload, at, attempts FROM delivery
 WHERE endpoint = ? AND state = 'pending' ORDER BY id LIMIT 1;

-- name: settle
UPDATE delivery SET state = ?, attempts = attempts + 1, error = ? WHERE id = ?;

-- name: next_due
-- When the next delivery can be tried; NULL where nothing waits.
SELECT MIN(MAX(next_at, claimed_until)) FROM endpoint
 WHERE gone = 0 AND EXISTS (
   SELECT 1 FROM delivery WHERE endpoint = endpoint.name AND state = 'pending');

-- name: deliveries
SELECT id, endpoint, event_id, type, at, state, attempts, error FROM delivery
 WHERE (?1 IS NULL OR endpoint = ?1) AND (?2 IS NULL OR state = ?2) ORDER BY id DESC LIMIT ?3;

-- name: counts
SELECT state, COUNT(*) FROM delivery GROUP BY state;

-- name: revive
-- The event's id stays, so that a receiver that did take it knows it again.
UPDATE delivery SET state = 'pending', attempts = 0, error = NULL, at = ?1
 WHERE state = 'dead' AND (?2 IS NULL OR id = ?2) AND (?3 IS NULL OR endpoint = ?3);

-- name: forget_delivered
DELETE FROM delivery WHERE state = 'delivered' AND at < ?;
