"""Telling people: customers in their language at every step of an order, staff the moment work arrives.

Tables: message. A message is written with the event that is its reason and sent once, by SMTP or into a folder.
"""
