"""Pages for operators: the pipeline, what went wrong, what was sent. They read; tags alone are corrected here."""
