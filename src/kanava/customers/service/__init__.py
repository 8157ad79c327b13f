"""Verbs of the customers module."""

from kanava.customers.service.accounts import (
    change_details,
    delete_customer,
    get_customer,
    keep_address,
    list_addresses,
    list_customers,
    prefer_address,
    remove_address,
)
from kanava.customers.service.signing_in import (
    ask_code,
    awaited_email,
    begin_session,
    code_of,
    sign_out,
    sign_out_everywhere,
    signed_in,
)

__all__ = [
    "ask_code",
    "awaited_email",
    "begin_session",
    "change_details",
    "code_of",
    "delete_customer",
    "get_customer",
    "keep_address",
    "list_addresses",
    "list_customers",
    "prefer_address",
    "remove_address",
    "sign_out",
    "sign_out_everywhere",
    "signed_in",
]
