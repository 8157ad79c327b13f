"""Every SQL statement of orders."""
