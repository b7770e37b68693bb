"""Logs, metrics, health: what operations staff see of a process."""
