"""The terminal app: the command line and the console; it reaches the engine through its door."""
