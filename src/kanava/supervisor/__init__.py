"""Runs the parts of an installation as processes: PostgreSQL, the API, the worker; starts, watches, stops them."""
