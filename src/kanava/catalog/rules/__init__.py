"""Pure decisions of the catalogue: what a value may be, and what a draft changes."""
