"""Files of rows and columns, whatever they are about: CSV, JSON lines and XLSX in, reports of errors out."""
