"""What states and kinds are called on the console, and the tone of each: texts marked for the catalogues."""

N = str
"""Marks a text for the catalogues; it is translated where it is shown."""

Labels = dict[str, tuple[str, str]]

ROLES = {
    "admin": N("Administrator"),
    "merchandiser": N("Merchandiser"),
    "store_manager": N("Store manager"),
    "associate": N("Associate"),
    "service_agent": N("Service agent"),
    "analyst": N("Analyst"),
}
ORDER: Labels = {
    "placed": (N("Placed"), "info"),
    "on_hold": (N("On hold"), "warning"),
    "completed": (N("Completed"), "success"),
    "cancelled": (N("Cancelled"), "ghost"),
}
PAYMENT: Labels = {
    "unpaid": (N("Unpaid"), "warning"),
    "partly_authorised": (N("Partly authorised"), "warning"),
    "authorised": (N("Authorised"), "info"),
    "partly_paid": (N("Partly paid"), "warning"),
    "paid": (N("Paid"), "success"),
    "partly_refunded": (N("Partly refunded"), "neutral"),
    "refunded": (N("Refunded"), "neutral"),
    "voided": (N("Voided"), "ghost"),
}
FULFILMENT: Labels = {
    "unfulfilled": (N("Not fulfilled"), "info"),
    "partly_fulfilled": (N("Partly fulfilled"), "info"),
    "fulfilled": (N("Fulfilled"), "success"),
    "cancelled": (N("Cancelled"), "ghost"),
}
WORK: Labels = {
    "open": (N("Open"), "info"),
    "picking": (N("Being picked"), "info"),
    "picked": (N("Picked"), "info"),
    "packed": (N("Packed"), "info"),
    "ready": (N("Ready to collect"), "success"),
    "shipped": (N("Shipped"), "success"),
    "delivered": (N("Delivered"), "success"),
    "failed": (N("Delivery failed"), "error"),
    "returned": (N("Came back"), "warning"),
    "collected": (N("Collected"), "success"),
    "expired": (N("Not collected"), "warning"),
    "cancelled": (N("Cancelled"), "ghost"),
}
PARCEL: Labels = {
    "packed": (N("Packed"), "info"),
    "shipped": (N("Shipped"), "info"),
    "in_transit": (N("On its way"), "info"),
    "out_for_delivery": (N("Out for delivery"), "info"),
    "delivered": (N("Delivered"), "success"),
    "failed": (N("Delivery failed"), "error"),
    "returned": (N("Came back"), "warning"),
    "cancelled": (N("Unpacked"), "ghost"),
}
HANDED_OVER = {
    "ship": N("Delivery"),
    "pickup": N("Pickup"),
    "curbside": N("Curbside"),
    "carry_out": N("Carry-out"),
}
METHODS = {
    "cash": N("Cash"),
    "card": N("Card"),
    "bank_transfer": N("Bank transfer"),
    "gift_card": N("Gift card"),
    "on_delivery": N("On delivery"),
    "wallet": N("Wallet"),
    "marketplace": N("Marketplace"),
    "other": N("Other"),
}
REJECTED = {
    "not_found": N("Not found"),
    "damaged": N("Damaged"),
    "display_piece": N("Display piece"),
    "no_capacity": N("No capacity"),
    "closed": N("Closed"),
    "other": N("Other"),
}
CAUSES = {
    "placed": N("When the order was placed"),
    "rejected": N("After a place could not give it"),
    "rerouted": N("Looked at again"),
    "closed": N("After a place was closed"),
}
MESSAGE: Labels = {
    "waiting": (N("Waiting"), "info"),
    "sending": (N("Being sent"), "info"),
    "sent": (N("Sent"), "success"),
    "failed": (N("Failed"), "error"),
}
MESSAGES = {
    "order_confirmed": N("Order confirmed"),
    "order_changed": N("Order changed"),
    "order_cancelled": N("Order cancelled"),
    "delivery_changed": N("Delivery changed"),
    "cannot_fulfil": N("We cannot fulfil it"),
    "stock_delayed": N("Goods are late"),
    "stock_arrived": N("Goods have arrived"),
    "ready_to_collect": N("Ready to collect"),
    "collection_reminder": N("Reminder to collect"),
    "collected": N("Collected"),
    "collection_expired": N("Not collected in time"),
    "shipped": N("Shipped"),
    "delivered": N("Delivered"),
    "delivery_failed": N("Delivery failed"),
    "parcel_returned": N("Parcel came back"),
    "refunded": N("Refunded"),
    "order_link": N("Link to an order"),
    "sign_in_code": N("Sign-in code"),
    "work_arrived": N("Work for a store"),
}
ALLOCATED: Labels = {
    "committed": (N("Reserved"), "info"),
    "awaited": (N("On its way in"), "warning"),
    "fulfilled": (N("Left the house"), "success"),
}
EVENTS = {
    "order.placed": N("Order placed"),
    "order.amended": N("Order changed"),
    "order.cancelled": N("Order cancelled"),
    "order.line_cancelled": N("Lines cancelled"),
    "order.held": N("Put on hold"),
    "order.hold_released": N("Hold released"),
    "order.fulfilled": N("Goods left the house"),
    "order.stock_arrived": N("Goods have arrived"),
    "payment.recorded": N("Payment recorded"),
    "payment.captured": N("Money taken"),
    "payment.voided": N("Authorisation given up"),
    "payment.refunded": N("Money given back"),
    "fulfilment.opened": N("Work for a place"),
    "fulfilment.changed": N("Work changed"),
    "fulfilment.moved": N("Moved to another place"),
    "fulfilment.stuck": N("No place can do it"),
    "fulfilment.resumed": N("Work goes on"),
    "fulfilment.rejected": N("A place could not give it"),
    "fulfilment.picked": N("Picked"),
    "fulfilment.packed": N("Packed"),
    "fulfilment.ready": N("Ready to collect"),
    "fulfilment.reminded": N("Reminder to collect"),
    "fulfilment.collected": N("Collected"),
    "fulfilment.expired": N("Not collected in time"),
    "fulfilment.cancelled": N("Cancelled"),
    "fulfilment.code_tried": N("A collection code was tried"),
    "parcel.shipped": N("Shipped"),
    "parcel.delivered": N("Delivered"),
    "parcel.failed": N("Delivery failed"),
    "parcel.returned": N("Came back"),
    "curbside.on_my_way": N("Customer is on her way"),
    "curbside.arrived": N("Customer has arrived"),
    "amend": N("Changed"),
    "cancel": N("Cancelled"),
    "capture_payment": N("Money taken"),
    "fulfil": N("Goods left the house"),
    "hand_over": N("Handed over"),
    "hold": N("Put on hold"),
    "move": N("Moved to another place"),
    "pick": N("Picked"),
    "record_payment": N("Payment recorded"),
    "refund_payment": N("Money given back"),
    "reject": N("A place could not give it"),
    "release": N("Given back to the board"),
    "release_hold": N("Hold released"),
    "resolve": N("Answer of the customer"),
    "ship": N("Shipped"),
    "stage": N("Staged"),
    "take": N("Taken by somebody"),
    "void_payment": N("Authorisation given up"),
}
