"""Shipped helpers for tests and benchmarks of the console: a scripted engine and a harness."""
