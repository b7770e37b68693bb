"""Two versions of one text, in two languages: what stands in one alone, and what differs."""
