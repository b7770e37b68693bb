"""Pages for operators: the pipeline, what went wrong, what was sent. Read-only but for the correction of tags; the command line acts."""
