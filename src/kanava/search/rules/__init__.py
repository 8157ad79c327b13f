"""Pure decisions of search: words, documents, counting."""
