"""What to change remotely so that it says what is written locally, decided over plain data."""
