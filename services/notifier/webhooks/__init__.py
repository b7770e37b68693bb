"""Posting stories to webhooks: beside the mails, and never in their way."""
