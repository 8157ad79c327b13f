"""What a bank account must be. Pure."""

from kanava.platform.errors import InvalidInput


def bank_fields(holder: str, iban: str, bic: str) -> dict[str, str]:
    """Give the fields of an account as they are stored, without spaces in numbers; InvalidInput names the wrong one."""
    # Imported here: its tables would take a tenth of a second of every start.
    from stdnum import bic as bics
    from stdnum import iban as ibans
    from stdnum.exceptions import ValidationError

    holder, iban, bic = " ".join(holder.split()), iban.strip(), bic.strip()
    if iban:
        try:
            iban = ibans.validate(iban)
        except ValidationError:
            raise InvalidInput("This is no IBAN: its digits do not add up.", field="bank_iban") from None
    if bic:
        try:
            bic = bics.validate(bic)
        except ValidationError:
            raise InvalidInput("This is no BIC: it has 8 or 11 letters and digits.", field="bank_bic") from None
    if iban and not holder:
        raise InvalidInput("An account has a holder.", field="bank_holder")
    if not iban and (holder or bic):
        raise InvalidInput("An account has an IBAN.", field="bank_iban")
    return {"bank_holder": holder, "bank_iban": iban, "bank_bic": bic}
