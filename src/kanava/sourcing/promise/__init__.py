"""What a customer is promised: when goods arrive, or where and when they can be fetched, and what that costs.

No tables: decisions over the stock of `inventory`, the hours of `stores`, the services of `carriers`. The function that
shows a promise is the one that placing stores with the order (`rules.promise_of`).
"""
