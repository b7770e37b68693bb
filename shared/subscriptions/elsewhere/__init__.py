"""Ways of a subscription beside its mails."""
