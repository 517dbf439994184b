-- SQLite is told which small index to use: without statistics it prefers the key and reads a whole run.

-- insert_run: made as `loading`, invisible until its last item is in
INSERT INTO runs (run_id, name, spec, state, chunk_size, created_at)
VALUES (:run_id, :name, :spec, 'loading', :chunk_size, :now)
RETURNING no;

-- find_run: by id, else the latest of that name; the row and how many owners were not buried
SELECT no, run_id, spec, state, total, pending, sent, done, failed, uncertain, created_at, started_at,
       ended_at, reason, resumes_at, items_sha256, pace, chunk_size,
       (SELECT COUNT(*) FROM owners WHERE owners.run = runs.no AND owners.dead = 0) AS owners
FROM runs
WHERE (run_id = :key OR name = :key) AND state <> 'loading'
ORDER BY CASE WHEN run_id = :key THEN 0 ELSE 1 END, no DESC
LIMIT 1;

-- list_runs: newest first, from below a number: pages without OFFSET
SELECT no, run_id, spec, state, total, pending, sent, done, failed, uncertain, created_at, started_at,
       ended_at, reason, resumes_at, items_sha256, pace, chunk_size,
       (SELECT COUNT(*) FROM owners WHERE owners.run = runs.no AND owners.dead = 0) AS owners
FROM runs
WHERE state <> 'loading' AND no < :below
ORDER BY no DESC
LIMIT :limit;

-- insert_chunk: a chunk and its items come in one transaction
INSERT INTO chunks (run, chunk, first, last, cursor, pending)
VALUES (:run, :chunk, :first, :last, :first, :pending);

-- duplicate_references: the first few, with the lines a person looks at; sorts on disk, not in memory
SELECT reference, MIN(line), MAX(line), COUNT(*) FROM items
WHERE run = :run AND reference IS NOT NULL
GROUP BY reference HAVING COUNT(*) > 1
ORDER BY MIN(line)
LIMIT :limit;

-- drop_duplicates: keeps the first of each reference
DELETE FROM items WHERE run = :run AND seq IN (
  SELECT seq FROM (
    SELECT seq, ROW_NUMBER() OVER (PARTITION BY reference ORDER BY seq) AS nth
    FROM items WHERE run = :run AND reference IS NOT NULL
  ) AS numbered WHERE nth > 1
)
RETURNING seq;

-- shrink_chunk: what dropping duplicates took from it
UPDATE chunks SET pending = pending - :dropped WHERE run = :run AND chunk = :chunk;

-- open_run: the load is complete; from here on the run is seen and may be worked on
UPDATE runs SET state = 'paused', total = :total, pending = :total, items_sha256 = :items_sha256
WHERE no = :run AND state = 'loading'
RETURNING no;

-- abandoned_loads: runs whose loading ended without an end
SELECT runs.no, owners.no, owners.host, owners.pid, owners.born, owners.beat_at
FROM runs JOIN owners ON owners.run = runs.no
WHERE runs.state = 'loading' AND owners.dead = 0 AND owners.role = 'loader';

-- drop_items: in pieces, so that others get at the database in between
DELETE FROM items WHERE run = :run AND seq >= :first AND seq < :beyond;

-- highest_seq: the end of what a dropped load left
SELECT COALESCE(MAX(last), 0) FROM chunks WHERE run = :run;

-- drop_chunks: see drop_items
DELETE FROM chunks WHERE run = :run;

-- drop_owners: see drop_items
DELETE FROM owners WHERE run = :run;

-- drop_run: see drop_items
DELETE FROM runs WHERE no = :run;

-- insert_owner: whoever works on a run says who it is, so that others can tell when it is dead
INSERT INTO owners (run, role, host, pid, born, beat_at)
VALUES (:run, :role, :host, :pid, :born, :now)
RETURNING no;

-- living_owners: of one run
SELECT no, role, host, pid, born, beat_at FROM owners WHERE run = :run AND dead = 0 ORDER BY no;

-- beat: no row means that others took this owner for dead
UPDATE owners SET beat_at = :now WHERE no = :owner AND dead = 0 RETURNING no;

-- bury_owner: compare-and-set, so that one process alone settles what a dead owner left
UPDATE owners SET dead = 1 WHERE no = :owner AND dead = 0 RETURNING run;

-- doubt_items: a dead owner's requests may have been carried out; nobody read the answers
UPDATE items /*sqlite INDEXED BY items_sent*/ SET state = 'uncertain', settled_at = :now
WHERE run = :run AND state = 'sent' AND owner = :owner AND execution_id IS NULL
RETURNING seq;

-- orphan_items: launched for certain; whoever comes next follows them to their end
UPDATE items /*sqlite INDEXED BY items_sent*/ SET owner = NULL
WHERE run = :run AND state = 'sent' AND owner = :owner AND execution_id IS NOT NULL
RETURNING seq;

-- adopt_items: see orphan_items
UPDATE items SET owner = :owner
WHERE run = :run AND state = 'sent' AND owner IS NULL AND seq IN (
  SELECT seq FROM items /*sqlite INDEXED BY items_sent*/
  WHERE run = :run AND state = 'sent' AND owner IS NULL
  ORDER BY seq LIMIT :limit
)
RETURNING seq, reference, input, execution_id;

-- open_chunk: the first that has something to claim; a given chunk, or any
SELECT chunk, first, cursor, last, pending, given_back FROM chunks /*sqlite INDEXED BY chunks_open*/
WHERE run = :run AND pending > 0 AND (:chunk < 0 OR chunk = :chunk)
ORDER BY chunk
LIMIT 1;

-- claim_fresh: compare-and-set to sent; the commit of this is the durable intent to send
UPDATE items SET state = 'sent', owner = :owner, sent_at = :now, attempts = attempts + 1
WHERE run = :run AND state = 'pending' AND seq IN (
  SELECT seq FROM items
  WHERE run = :run AND seq >= :start AND seq <= :last AND state = 'pending'
  ORDER BY seq LIMIT :limit
)
RETURNING seq, reference, input, execution_id;

-- claim_given_back: the same for items that were claimed before and certainly not carried out
UPDATE items SET state = 'sent', owner = :owner, sent_at = :now, attempts = attempts + 1
WHERE run = :run AND state = 'pending' AND seq IN (
  SELECT seq FROM items /*sqlite INDEXED BY items_given_back*/
  WHERE run = :run AND state = 'pending' AND attempts > 0 AND seq >= :start AND seq <= :last
  ORDER BY seq LIMIT :limit
)
RETURNING seq, reference, input, execution_id;

-- move_chunk: keeps the chunk's counters with its items
UPDATE chunks SET cursor = :cursor, pending = pending + :pending, given_back = given_back + :given_back
WHERE run = :run AND chunk = :chunk;

-- give_back_to_chunk: items of it are pending again, behind its cursor
UPDATE chunks SET pending = pending + :count, given_back = given_back + :count
WHERE run = :run AND chunk = :chunk;

-- move_run: keeps the run's counters with its items; the state follows from them
UPDATE runs SET
  pending = pending + :pending, sent = sent + :sent, done = done + :done, failed = failed + :failed,
  uncertain = uncertain + :uncertain, orphans = orphans + :orphans
WHERE no = :run;

-- set_state: the reason and the time of going on are those of this state, never of an earlier one
UPDATE runs SET state = :state, reason = :reason, resumes_at = :resumes_at,
  started_at = CASE WHEN :state = 'running' THEN COALESCE(started_at, :now) ELSE started_at END,
  ended_at = CASE WHEN :state IN ('done', 'cancelled') THEN :now ELSE NULL END
WHERE no = :run;

-- set_pace: a sample of how far the run is, for rate and ETA
UPDATE runs SET pace = :pace WHERE no = :run;

-- read_course: only when a sample is due; an exchange has no use for it
SELECT course FROM runs WHERE no = :run;

-- set_course: how the whole run went, thinned, for who looks at it
UPDATE runs SET course = :course WHERE no = :run;

-- held_items: what the ledger says this owner is working on, for an owner that lost an answer of it
SELECT seq, execution_id FROM items /*sqlite INDEXED BY items_sent*/
WHERE run = :run AND state = 'sent' AND owner = :owner;

-- orphan_item: adopted in a commit whose answer was lost, so followed by nobody
UPDATE items SET owner = NULL WHERE run = :run AND seq = :seq AND state = 'sent' AND owner = :owner;

-- give_back_item: claimed in a commit whose answer was lost, so never written
UPDATE items SET state = 'pending', owner = NULL
WHERE run = :run AND seq = :seq AND state = 'sent' AND owner = :owner
RETURNING seq;

-- page_items: in order, from behind a seq: pages without OFFSET
SELECT seq, line, reference, input, state, attempts, sent_at, settled_at, status, execution_id,
       correlation_id, result, error
FROM items WHERE run = :run AND seq > :after
ORDER BY seq LIMIT :limit;

-- page_uncertain: the same of what nobody knows, over the small index
SELECT seq, line, reference, input, state, attempts, sent_at, settled_at, status, execution_id,
       correlation_id, result, error
FROM items /*sqlite INDEXED BY items_uncertain*/ WHERE run = :run AND state = 'uncertain' AND seq > :after
ORDER BY seq LIMIT :limit;

-- page_failed: the same of what failed
SELECT seq, line, reference, input, state, attempts, sent_at, settled_at, status, execution_id,
       correlation_id, result, error
FROM items /*sqlite INDEXED BY items_failed*/ WHERE run = :run AND state = 'failed' AND seq > :after
ORDER BY seq LIMIT :limit;

-- list_limits: what was learned of each client's rate limit, for who looks
SELECT key, epoch, state FROM limits WHERE state <> '' ORDER BY key LIMIT :limit;

-- waiting_count: events not yet handed to the endpoints, as far as anybody wants to count
SELECT COUNT(*) FROM (SELECT 1 FROM outbox LIMIT :limit) AS counted;

-- resolve_item: compare-and-set; only a person or a look-up settles what nobody knew
UPDATE items SET state = :state, status = :status, settled_at = :now, owner = NULL,
  execution_id = COALESCE(:execution_id, execution_id), result = COALESCE(:result, result),
  error = COALESCE(:error, error)
WHERE run = :run AND seq = :seq AND state = 'uncertain'
RETURNING seq;

-- run_exists: ids are given by the caller
SELECT no FROM runs WHERE run_id = :run_id;

-- beat_loader: a loader has no number to pass around; there is one a run
UPDATE owners SET beat_at = :now WHERE run = :run AND role = 'loader';

-- open_chunks: what a run's workers are handed
SELECT chunk FROM chunks /*sqlite INDEXED BY chunks_open*/ WHERE run = :run AND pending > 0 ORDER BY chunk;

-- begun_chunks: those a dead worker may have left half done; it had one at a time
SELECT chunk FROM chunks /*sqlite INDEXED BY chunks_open*/
WHERE run = :run AND pending > 0 AND (cursor > first OR given_back > 0)
ORDER BY chunk;

-- enqueue_event: told only if what it tells of commits; an event has one id however often it is tried
INSERT INTO outbox (event_id, type, payload, at) VALUES (:event_id, :type, :payload, :at)
ON CONFLICT (event_id) DO NOTHING;

-- waiting_events: oldest first
SELECT id, event_id, type, payload, at FROM outbox ORDER BY id LIMIT :limit;

-- taken_events: they stand among the deliveries by then
DELETE FROM outbox WHERE id <= :last;

-- run_id_of: what people call a run
SELECT run_id FROM runs WHERE no = :run;
