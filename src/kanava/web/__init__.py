"""Pages: the shop (also the kiosk), the store app and the console, rendered on the server.

A page calls the same services as the API and holds no rule and no SQL. `common` is what all faces share: how a page is
rendered, in which language, with which headers, for whom. Owns no table.
"""
