"""Catalogue: what is sold, in every language, with its barcodes, pictures and typed attributes.

Owns the tables brand, category, attribute_family, product, variant, barcode, media, import_run and import_error.

Invariants: a variant is archived, never deleted, and never moves to another product; a GTIN has a valid check digit
and belongs to one variant; an attribute value has the type that its family names; a description is HTML without
anything that runs; every other text is plain text and is escaped where it is shown.

Two things write products: a request for one product, and a file or a list of rows. Both make drafts (`rules.drafts`),
which are merged with what is stored (`rules.merge`) and written in sets (`service.writing`).
"""
