"""Search and category listing for shops: what a channel sells, found by words and narrowed by facets.

Tables: search_state, search_product, search_document, search_facet_value, search_word, search_synonym, search_query.
Read only: what the catalogue, pricing, channels and inventory own.

Words are looked up in PostgreSQL (full text, trigrams). Facets are counted over columns that every API process holds of
`search_product` and of the prices and listings of its channels; each question asks first whether they are still the
ones in force, and what has changed since is read again.

Invariants: everything in these tables but synonyms and queries can be made anew from the catalogue
(`kanava search rebuild`); prices, listings and stock are never copied into them.
"""
