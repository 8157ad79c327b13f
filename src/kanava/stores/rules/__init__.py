"""Pure decisions of the stores module: what a location may say (`checks`) and how files are read (`layouts`)."""
