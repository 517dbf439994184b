"""The service the platform calls: hosted actions, and the strict gateway in front of any action."""
