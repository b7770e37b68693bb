"""The one way out: every request that Vigie sends to the web passes `shared.web.client`."""
