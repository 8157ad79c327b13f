"""`kanava import stock` and `kanava import prices`: a file through the verbs that the API uses too."""
