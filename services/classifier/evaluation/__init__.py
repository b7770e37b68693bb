"""How well a model tags: labelled items in, figures with intervals out.

`reading` reads labelled items, `asking` says what of them a model may see, `figures` counts and compares, `table`
prints. Nothing here knows a model or opens a file, so training, the build's gate and the command share it.
"""
