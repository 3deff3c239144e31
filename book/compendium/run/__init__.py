"""Executing the book: chapters, verification, stress test, building, environment."""
