"""People, their consent and subscriptions, the matches that reach them and the ledger of mails.

The portal and the command line write subscriptions, the notifier writes matches and sends deliveries.
"""
