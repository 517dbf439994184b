"""Rule schemas and decision tables, with versions, rows, execution and CSV jobs."""
