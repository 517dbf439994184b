"""Integrations, their configuration and credentials."""
