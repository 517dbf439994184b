"""Routing rules of a queue, guide 4."""
