"""What comes out of a printer: labels, packing slips, pick lists (PDF) and QR codes. Pure: records in, bytes out.

Imported when the first document is asked for: ReportLab and the fonts cost a process 12 MB and a third of a second.
"""
