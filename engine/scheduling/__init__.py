"""What runs now: one loop, and one small service per file beside it."""
