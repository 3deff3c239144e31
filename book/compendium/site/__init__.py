"""Sphinx extensions of the book, one file each."""
