"""Registration of actions, guide 1."""
