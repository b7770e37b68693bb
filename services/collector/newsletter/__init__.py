"""Newsletters: mails of a mailbox to entries, and who is believed to have sent them."""
