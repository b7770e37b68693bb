"""Vigie's services, one straight pipeline:

 sources                                                                          mailboxes
    |                                                                                 ^
collector --items.collected--> classifier --items.classified--> archivist --items.archived--> notifier
fetch, parse, publish          tag, explain                     store, group in stories       match, mail
                                                                    |
                                                                 archive <-- portal (search, subscribe, operate)
"""
