"""Invocations of data actions, guide 3."""
