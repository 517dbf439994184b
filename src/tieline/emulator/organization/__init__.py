"""The organisation itself and its limits."""
