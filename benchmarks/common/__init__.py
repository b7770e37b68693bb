"""What several benchmarks share: servers of their own, records to send, and rounds in turn."""
