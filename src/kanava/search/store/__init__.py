"""Every SQL statement of search."""
