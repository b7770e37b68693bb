"""Mails that come back, and complaints: what they say (pure), which mail of ours they are about, what follows."""
