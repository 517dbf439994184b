"""Custom code of guide 0: definitions and their executions."""
