"""Pages that show what a state folder holds. They read, and change nothing."""
