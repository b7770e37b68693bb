"""Pages for operators: the pipeline, what went wrong, what was sent. Read-only; the command line acts."""
