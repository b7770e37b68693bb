"""Pages for operators: the pipeline, what went wrong, what was sent. Tags and stories are put right here."""
