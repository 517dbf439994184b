"""Conversation details: asynchronous jobs over the fixture's conversations."""
