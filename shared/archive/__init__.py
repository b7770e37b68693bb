"""The archive: what was published, what was said of it, and how it is found again.

Written by the archivist alone (`store`, `stories`), read by everybody (`search`, `export`).
"""
