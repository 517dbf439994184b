"""Fixtures for tests of code that uses Tieline; pytest loads this module by its entry point."""
