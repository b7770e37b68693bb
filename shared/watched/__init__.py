"""Proof of silence: when each source was really watched, and what that says of a query that found nothing."""
