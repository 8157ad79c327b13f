"""Taking orders: whole groups in one transaction.

`group.py` is the sequence of statements, `prepare.py` resolves what callers wrote, `decide.py` prices and routes one
order after the other, `rows.py` collects what is written.
"""
