-- lock_run: BEGIN IMMEDIATE holds the database already
SELECT state, pending, sent, done, failed, uncertain, orphans, reason, resumes_at, pace, chunk_size
FROM runs WHERE no = :run;

-- insert_items: the items of one chunk
INSERT INTO items (run, seq, line, reference, input) VALUES (:run, :seq, :line, :reference, :input);

-- change_item: what became of a claimed item, only where this owner still holds it; one by one,
-- for the planner reads all items once for every change when changes come as a table
UPDATE items SET
  state = :state, status = :status, execution_id = COALESCE(:execution_id, execution_id),
  correlation_id = COALESCE(:correlation_id, correlation_id), result = :result, error = :error,
  owner = CASE WHEN :state IN ('sent', 'uncertain') THEN owner END,
  settled_at = CASE WHEN :state IN ('sent', 'pending') THEN NULL ELSE :now END
WHERE run = :run AND seq = :seq AND owner = :owner AND state = :origin
RETURNING seq, state;

-- lock_limit: see lock_run
SELECT epoch, state FROM limits WHERE key = :key;

-- save_limit: state of a rate limit
INSERT INTO limits (key, epoch, state) VALUES (:key, :epoch, :state)
ON CONFLICT (key) DO UPDATE SET epoch = excluded.epoch, state = excluded.state;
