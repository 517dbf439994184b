"""What each page shows, as functions from plain data to what a template places. Pure."""
