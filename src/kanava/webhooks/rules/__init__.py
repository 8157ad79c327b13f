"""Pure decisions of the webhooks module."""
