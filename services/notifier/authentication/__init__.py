"""Whether other mail servers can know that our mails are ours: the signature, and what the DNS says of us."""
