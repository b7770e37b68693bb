"""Finds the entries of a listing page by itself."""
