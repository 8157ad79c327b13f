"""What an installation may set: environment variables `KANAVA_*`, or the same names in a file `.env`.

Every field here is a line in docs/operations/settings.md and in .env.example; a test fails when one is missing.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

import msgspec
from dotenv import dotenv_values
from msgspec import Meta

from kanava.platform.refusal import CannotRun

PREFIX = "KANAVA_"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a process; the environment variable of `pool_size` is `KANAVA_POOL_SIZE`."""

    database_url: str = ""
    data_dir: Path = Path(".kanava")
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 8000
    api_processes: Annotated[int, Meta(ge=1, le=64)] = 1
    pool_size: Annotated[int, Meta(ge=2, le=90)] = 10
    queue_limit: Annotated[int, Meta(ge=1, le=1_000_000)] = 4000
    body_bytes_max: Annotated[int, Meta(ge=1024, le=1_000_000_000)] = 16_777_216
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "EUR"
    idempotency_hours: Annotated[int, Meta(ge=1, le=8760)] = 72
    collection_days: Annotated[int, Meta(ge=1, le=90)] = 7
    collection_reminder_days: Annotated[str, Meta(pattern="^([0-9]{1,2}(,[0-9]{1,2})?)?$")] = "3,1"
    curbside_sla_minutes: Annotated[int, Meta(ge=1, le=240)] = 5
    retailer_name: Annotated[str, Meta(min_length=1, max_length=100)] = "Kanava"
    shop_url: Annotated[str, Meta(pattern="^(https?://[^/?#]+/?)?$")] = ""
    mail_server: str = ""
    mail_from: Annotated[str, Meta(pattern="@")] = "Kanava <shop@localhost>"
    message_days: Annotated[int, Meta(ge=1, le=3650)] = 90
    webhook_private_addresses: bool = False
    webhook_keep_days: Annotated[int, Meta(ge=1, le=3650)] = 30
    event_days: Annotated[int, Meta(ge=1, le=3650)] = 400
    carrier_event_days: Annotated[int, Meta(ge=1, le=3650)] = 180
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
    demo: bool = True

    @property
    def shop_address(self) -> str:
        """What links to the shop begin with. Never what a visitor's browser says: that may be made up."""
        return self.shop_url.rstrip("/") or f"http://localhost:{self.port}"


def variable_of(field: str) -> str:
    """Give the environment variable that sets a field."""
    return PREFIX + field.upper()


def load_settings(environment: Mapping[str, str] | None = None, file: Path | None = Path(".env")) -> Settings:
    """Read the settings: the environment wins over the file; CannotRun names the variable that is wrong."""
    given: dict[str, str | None] = {}
    if file is not None and file.is_file():
        given.update(dotenv_values(file, interpolate=False))
    given.update(os.environ if environment is None else environment)
    known = {variable_of(field.name): field for field in msgspec.structs.fields(Settings)}
    unknown = sorted(name for name in given if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise CannotRun(f"{unknown[0]} is no setting of Kanava; docs/operations/settings.md lists them.")
    values = {field.name: _convert(name, given[name], field.type) for name, field in known.items() if given.get(name)}
    settings = Settings(**values)
    if settings.database_url and not settings.database_url.startswith(("postgresql://", "postgres://")):
        raise CannotRun("KANAVA_DATABASE_URL must begin with postgresql://.")
    try:
        _ = "," in settings.database_url or urlsplit(settings.database_url).port  # libpq takes several hosts
    except ValueError as error:
        raise CannotRun(f"KANAVA_DATABASE_URL is no address: {error}.") from None
    return msgspec.structs.replace(settings, data_dir=settings.data_dir.expanduser().absolute())


def _convert(name: str, text: str | None, wanted: Any) -> Any:
    if wanted is Path:
        return Path(text or "")
    try:
        return msgspec.convert(text, wanted, strict=False)
    except msgspec.ValidationError as error:
        reason = str(error)
        if get_origin(wanted) is Literal:
            reason = f"it is one of {', '.join(sorted(get_args(wanted)))}"
        elif wanted is bool:
            reason = "it is true or false"
        elif "got `str`" in reason:
            reason = "it is a whole number"
        else:
            limit = reason.partition(" - at")[0].removeprefix("Expected `int` ").removeprefix("Expected ")
            reason = f"it must be {limit}"
        raise CannotRun(f"{name} is {text!r}, but {reason}.") from None


def environment_of(settings: Settings) -> dict[str, str]:
    """Give the environment in which a process of ours reads exactly these settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    for field in msgspec.structs.fields(Settings):
        value = getattr(settings, field.name)
        environment[variable_of(field.name)] = str(value).lower() if isinstance(value, bool) else str(value)
    return environment
