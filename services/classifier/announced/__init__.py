"""Calls and events that a text announces, with their days."""
