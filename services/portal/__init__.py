"""The portal: what the archive knows, for people (`pages`), programs (`api`) and operators (`ops`).

Server-rendered, in three languages, without JavaScript (but for Swagger UI, where it is installed), cookies or a
request to anybody else. It reads the archive and writes only what a reader asks for: subscriptions and deliveries.
It calls no other service.
"""
