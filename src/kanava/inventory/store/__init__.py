"""Every SQL statement of stock: levels, reservations, protections, transfers, updates."""
