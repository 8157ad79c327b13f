"""Conditions of the customers module."""

from kanava.platform.errors import Conflict, InvalidInput, NotFound


class CustomerNotFound(NotFound):
    """No customer has this id."""

    title = "There is no such customer."


class AddressNotFound(NotFound):
    """The customer has no address of this id."""

    title = "There is no such address."


class AddressBookFull(Conflict):
    """The address book has as many addresses as it may."""

    title = "The address book is full."


class SignInCodeWrong(InvalidInput):
    """The code is another one; `tries_left` says how often she may still try."""

    title = "That is not the code."


class SignInOver(Conflict):
    """The code was used, is older than ten minutes, or was tried too often: another one has to be sent."""

    title = "This code cannot be used any more."
