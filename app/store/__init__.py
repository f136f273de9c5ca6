"""What the console knows: rows, indexes, views. Pure: no Textual, no threads, no clock."""
