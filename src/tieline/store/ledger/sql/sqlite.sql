-- lock_run: BEGIN IMMEDIATE holds the database already
SELECT state, pending, sent, done, failed, uncertain, orphans, reason, resumes_at, pace, chunk_size
FROM runs WHERE no = :run;

-- insert_items: the items of one chunk
INSERT INTO items (run, seq, line, reference, input) VALUES (:run, :seq, :line, :reference, :input);

-- change_items: what became of claimed items; only where this owner still holds them
UPDATE items SET
  state = change.state, status = change.status,
  execution_id = COALESCE(change.execution_id, items.execution_id),
  correlation_id = COALESCE(change.correlation_id, items.correlation_id),
  result = change.result, error = change.error,
  owner = CASE WHEN change.state IN ('sent', 'uncertain') THEN items.owner END,
  settled_at = CASE WHEN change.state IN ('sent', 'pending') THEN NULL ELSE :now END
FROM (
  SELECT json_extract(value, '$[0]') AS seq, json_extract(value, '$[1]') AS state,
         json_extract(value, '$[2]') AS status, json_extract(value, '$[3]') AS execution_id,
         json_extract(value, '$[4]') AS correlation_id, json_extract(value, '$[5]') AS result,
         json_extract(value, '$[6]') AS error
  FROM json_each(:changes)
) AS change
WHERE items.run = :run AND items.seq = change.seq AND items.owner = :owner AND items.state = :from
RETURNING seq, state;

-- lock_limit: see lock_run
SELECT epoch, state FROM limits WHERE key = :key;

-- save_limit: state of a rate limit
INSERT INTO limits (key, epoch, state) VALUES (:key, :epoch, :state)
ON CONFLICT (key) DO UPDATE SET epoch = excluded.epoch, state = excluded.state;
