"""Shipped helpers for tests: a clock that is set by hand, and an engine without threads."""
