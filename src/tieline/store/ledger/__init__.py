"""Where runs live: one schema on SQLite and on PostgreSQL, one set of transactions over both."""
