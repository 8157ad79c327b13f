"""Customer accounts: who has proven an e-mail address, her address book, her sessions.

Owns `customer`, `customer_email`, `customer_address`, `customer_session` and `sign_in_code`. Invariants: one customer
has an e-mail address, however it is spelled; a code opens one session, within ten minutes and five tries; tokens and
codes are kept nowhere, only what proves them. Orders are hers by their e-mail address and outlive the account.
"""
