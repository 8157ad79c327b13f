"""Pure decisions about carriers."""
