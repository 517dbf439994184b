-- lock_run: claims of one run queue here, so that counters and rate places are exact
SELECT state, pending, sent, done, failed, uncertain, orphans, reason, resumes_at, pace, chunk_size
FROM runs WHERE no = :run FOR UPDATE;

-- change_items: what became of claimed items; only where this owner still holds them
UPDATE items SET
  state = change.state, status = change.status,
  execution_id = COALESCE(change.execution_id, items.execution_id),
  correlation_id = COALESCE(change.correlation_id, items.correlation_id),
  result = change.result, error = change.error,
  owner = CASE WHEN change.state IN ('sent', 'uncertain') THEN items.owner END,
  settled_at = CASE WHEN change.state IN ('sent', 'pending') THEN NULL ELSE :now END
FROM (
  SELECT (value ->> 0)::bigint AS seq, value ->> 1 AS state, value ->> 2 AS status,
         value ->> 3 AS execution_id, value ->> 4 AS correlation_id, value ->> 5 AS result,
         value ->> 6 AS error
  FROM jsonb_array_elements(:changes::jsonb)
) AS change
WHERE items.run = :run AND items.seq = change.seq AND items.owner = :owner AND items.state = :origin
RETURNING items.seq, items.state;

-- make_limit: a row to lock
INSERT INTO limits (key, epoch, state) VALUES (:key, '', '') ON CONFLICT (key) DO NOTHING;

-- lock_limit: everyone who shares the limit queues here
SELECT epoch, state FROM limits WHERE key = :key FOR UPDATE;

-- save_limit: state of a rate limit
UPDATE limits SET epoch = :epoch, state = :state WHERE key = :key;

-- server_time: one clock for all machines
SELECT EXTRACT(EPOCH FROM clock_timestamp())::double precision;
