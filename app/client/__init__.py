"""How the console reaches an engine: one small protocol, and what answers it."""
