"""Queues, with conditional group routing."""
