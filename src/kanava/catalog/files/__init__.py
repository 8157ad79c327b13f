"""Files of catalogues: CSV, JSON lines and XLSX, in the native layout and in Shopify's, in and out.

Readers give records (row number, cells) and errors; they know nothing of the database.
"""
