"""Every SQL statement of the webhooks module."""
