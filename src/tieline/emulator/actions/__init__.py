"""Data actions: reading, drafts, publication, execution."""
