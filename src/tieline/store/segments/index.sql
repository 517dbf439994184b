-- The search index of an audit log. Derived: it may be deleted at any time.

-- name: create
CREATE TABLE meta (log TEXT NOT NULL, version INTEGER NOT NULL);
-- 32 lines that follow each other in one segment; `time` is that of the first.
CREATE TABLE block (
  id INTEGER PRIMARY KEY, segment INTEGER NOT NULL, start INTEGER NOT NULL,
  bytes INTEGER NOT NULL, time TEXT NOT NULL
);
CREATE INDEX block_time ON block (time);
-- Which blocks hold a record with a term. Terms are CRC-32: a collision costs a look, no more.
CREATE TABLE term (term INTEGER NOT NULL, block INTEGER NOT NULL, PRIMARY KEY (term, block))
  WITHOUT ROWID;

-- name: last_block
SELECT id, segment, start, bytes FROM block ORDER BY id DESC LIMIT 1;

-- name: add_block
INSERT OR IGNORE INTO block (id, segment, start, bytes, time) VALUES (?, ?, ?, ?, ?);

-- name: add_term
INSERT OR IGNORE INTO term (term, block) VALUES (?, ?);

-- name: how_common
SELECT COUNT(*) FROM (SELECT 1 FROM term WHERE term = ? LIMIT 2000);

-- name: not_before
-- The last block that begins before the time may still hold records of it.
SELECT COALESCE((SELECT MAX(id) FROM block WHERE time < ?), 0);

-- name: not_behind
SELECT COALESCE((SELECT MAX(id) FROM block WHERE time < ?), -1);

-- name: blocks
SELECT id, segment, start, bytes FROM block WHERE id BETWEEN ? AND ? ORDER BY id DESC;

-- name: block_of
SELECT id, segment, start, bytes FROM block WHERE id = ?;

-- name: has_term
SELECT 1 FROM term WHERE term = ? AND block = ?;

-- name: blocks_with
SELECT block.id, segment, start, bytes FROM term JOIN block ON block.id = term.block
 WHERE term.term = ? AND term.block BETWEEN ? AND ? ORDER BY term.block DESC;
