"""Flows and their executions, in both dialects on one path."""
