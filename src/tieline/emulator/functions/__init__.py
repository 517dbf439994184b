"""Functions behind the actions of function integrations: runtimes and settings."""
