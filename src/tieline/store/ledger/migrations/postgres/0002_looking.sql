-- For who looks at runs: pages of failed items without a scan, and how a whole run went.

CREATE INDEX items_failed ON items (run, seq) WHERE state = 'failed';
ALTER TABLE runs ADD COLUMN course TEXT NOT NULL DEFAULT '{}';  -- JSON of runs.course.Course
