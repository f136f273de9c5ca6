"""A persistent job scheduler that knows nothing of any screen; `engine.engine` is its door."""
