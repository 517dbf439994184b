"""Clients, tokens, and what a token may do."""
