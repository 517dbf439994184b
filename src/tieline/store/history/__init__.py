"""Histories of any size, read in batches: Parquet, CSV, JSON lines."""
