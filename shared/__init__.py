"""What two services use, or what crosses a process border. Never imports `services`."""
