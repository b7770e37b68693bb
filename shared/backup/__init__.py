"""Backups: bus, store and mail folder of one moment in one file, and the way back. Decision 0014."""
