"""Configuration from the environment and gridfield.toml; no lower floor reads either."""

from functools import cached_property
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from api.refusals import SETTING_WRONG
from gis.errors import Problem
from gis.limits import Limits
from layers.walking import Rules

_Positive = Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]


class Settings(BaseSettings):
    """Every setting is an environment variable GRIDFIELD_<NAME> or a key of gridfield.toml."""

    model_config = SettingsConfigDict(
        env_prefix="GRIDFIELD_", toml_file="gridfield.toml", extra="forbid", frozen=True
    )

    database_url: str | None = Field(
        default=None,
        description="A PostgreSQL server with PostGIS; unset: a private cluster under `home`.",
    )
    direct_url: str | None = Field(
        default=None,
        description="The way to that server past a pool such as pgbouncer, where `database_url` "
        "leads to one; unset: it leads to the server itself.",
    )
    read_url: str | None = Field(
        default=None,
        description="A streaming replica of that server, which is read where it is as new as the "
        "server itself; unset: there is none.",
    )
    home: Path = Field(
        default=Path("var"), description="Where the private cluster and other state live."
    )
    lang: Literal["zh", "en"] = Field(
        default="zh", description="Language of pages and messages when the reader names none."
    )
    hosts: tuple[str, ...] = Field(
        default=(),
        description='Further names of this service, such as a proxy passes on: ["grid.example"].',
    )
    workers: int = Field(
        default=8, ge=1, le=64, description="Requests answered at the same time by one process."
    )
    upload_limit_mb: int = Field(
        default=200, ge=1, description="The largest file that an import takes, in MB."
    )
    upload_timeout_s: int = Field(
        default=120, ge=1, description="How long an upload may take to arrive, in seconds."
    )
    import_rows: int = Field(
        default=1_000_000, ge=1, description="The most records that one file may hold."
    )
    import_cells: int = Field(
        default=20_000_000, ge=1, description="The most cells that the table of a file may hold."
    )
    import_unpacked_mb: int = Field(
        default=1000, ge=1, description="How large an archive may become unpacked, in MB."
    )
    import_members: int = Field(
        default=5000,
        ge=1,
        description="The most files that an archive may hold; a workbook's pictures are such.",
    )
    import_elements: int = Field(
        default=5_000_000, ge=1, description="The most elements that an XML document may hold."
    )
    near_m: dict[str, _Positive] = Field(
        default_factory=dict,
        description="Within how many metres records of one kind are likely the same, by layer: "
        '{"sites": 50}; else as declared.',
    )
    near_days: dict[str, _Positive] = Field(
        default_factory=dict,
        description="Within how many days they are, by layer; else as declared.",
    )
    patrol_days: int | None = Field(
        default=None,
        ge=1,
        le=3650,
        description="For how many days the ways of patrols are kept; unset: there are no patrols.",
    )
    patrol_accuracy_m: _Positive = Field(
        default=30.0, description="Positions of a patrol that are less accurate are left out, in m."
    )
    patrol_gap_s: _Positive = Field(
        default=120.0, description="After so many seconds without a position a patrol has a gap."
    )
    patrol_gap_m: _Positive = Field(
        default=200.0, description="Positions further apart have a gap between them, in m."
    )
    patrol_speed_kmh: _Positive = Field(
        default=20.0, description="What is quicker was ridden and counts as no walk, in km/h."
    )
    photos: str | None = Field(
        default=None,
        description="Where photographs are kept: a folder, or an object store such as "
        "`s3://bucket/prefix`, whose keys come from its usual variables (`AWS_ACCESS_KEY_ID` …); "
        "unset: `photos` under `home`.",
    )
    photo_limit_mb: int = Field(
        default=20, ge=1, le=200, description="The largest photograph that is taken, in MB."
    )
    photo_pixels: int = Field(
        default=50_000_000,
        ge=1_000_000,
        le=250_000_000,
        description="The most pixels that a photograph may have: opened, each takes four bytes.",
    )
    field_accuracy_m: _Positive = Field(
        default=20.0, description="In the field, a position that is less accurate is warned of, m."
    )
    field_photo_longest: int = Field(
        default=1600,
        ge=320,
        le=8000,
        description="How long a photograph's longer side is when a phone sends it, in pixels.",
    )
    field_photo_quality: float = Field(
        default=0.8, ge=0.3, le=1, description="How well it is compressed, from 0.3 to 1."
    )
    field_photo_watermark: bool = Field(
        default=True, description="Whether time, place and name are written into it unless told."
    )
    field_photo_m: _Positive = Field(
        default=100.0,
        description="A photograph that was taken further from the record is warned of, in m.",
    )
    field_photo_minutes: _Positive = Field(
        default=15.0, description="One that was taken longer before or after it is too, in minutes."
    )
    tile_cache_mb: int = Field(
        default=64,
        ge=0,
        description="How much memory tiles may take that were made before, in MB; 0: none is kept.",
    )
    transforms: dict[str, dict[str, float | str]] = Field(
        default_factory=dict,
        description="Named 4 or 7 parameters of local coordinate systems, for `--transform NAME`.",
    )
    coverage_tolerance_m2: float = Field(
        default=0.5,
        ge=0,
        allow_inf_nan=False,
        description="Gaps and overlaps of fields up to this size are passed over, in m².",
    )
    map_approval: str | None = Field(
        default=None, description="审图号, printed on every map that is shown in public."
    )

    site_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/?#]+$",
        description="The address under which people reach this service, for the links in mails and "
        "webhooks: `https://grid.example`.",
    )
    webhook_networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=(),
        description="Networks that are not public and that webhooks may reach all the same: "
        '["10.20.0.0/16"].',
    )
    webhook_timeout_s: _Positive = Field(
        default=10.0, description="How long one request to a webhook may take, in seconds."
    )
    webhook_retry_s: _Positive = Field(
        default=30.0,
        description="How long to wait after a first request that failed, in seconds; then twice as "
        "long each time, up to six hours.",
    )
    webhook_tries: int = Field(
        default=12, ge=1, le=50, description="After so many requests a delivery is given up."
    )
    smtp_host: str | None = Field(
        default=None, description="The server that takes mails; unset: no mails are sent."
    )
    smtp_port: int | None = Field(
        default=None, ge=1, le=65535, description="Its port; unset: the usual one."
    )
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the way to it is made safe."
    )
    smtp_user: str | None = Field(default=None, description="As whom to sign in there, if at all.")
    smtp_password: SecretStr | None = Field(default=None, description="The password for it.")
    mail_from: str | None = Field(
        default=None, description="The address that mails come from, and that gets what comes back."
    )
    mail_every_minutes: _Positive = Field(
        default=60.0,
        description="Nobody gets more than one mail within so many minutes: all notices of that "
        "time are in it.",
    )
    notice_days: int = Field(
        default=365,
        ge=1,
        le=3650,
        description="For how many days notices are kept after they were read, and what was sent "
        "to webhooks after it arrived.",
    )

    oidc_issuer: str | None = Field(
        default=None,
        description="The issuer address of an OpenID Connect provider to sign in with.",
    )
    oidc_client_id: str | None = Field(default=None, description="What the provider calls us.")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="The secret that the provider gave us."
    )
    oidc_name: str | None = Field(
        default=None, description="The provider's name on the sign-in page, such as 钉钉."
    )
    oidc_match: Literal["phone", "email"] | None = Field(
        default=None,
        description="Link an identity by this claim, verified by the provider and equal to the "
        "person's; unset: only identities that an admin has linked come in.",
    )

    @cached_property
    def sqlalchemy_url(self) -> str | None:
        """`database_url` with the driver named: bare postgresql:// would mean another driver."""
        return _driven(self.database_url)

    @cached_property
    def lasting_url(self) -> str | None:
        """Where connections that outlive a transaction lead, with the driver named."""
        return _driven(self.database_url and (self.direct_url or self.database_url))

    @cached_property
    def replica_url(self) -> str | None:
        """`read_url` with the driver named."""
        return _driven(self.read_url)

    @cached_property
    def walking(self) -> Rules:
        """What of a patrol's positions is taken for a walk."""
        return Rules(
            accuracy_m=self.patrol_accuracy_m,
            gap_s=self.patrol_gap_s,
            gap_m=self.patrol_gap_m,
            speed_kmh=self.patrol_speed_kmh,
        )

    @cached_property
    def photo_place(self) -> str:
        """The folder or address at which photographs are kept."""
        return self.photos or str(self.home / "photos")

    @cached_property
    def limits(self) -> Limits:
        """What one file may hold, wherever it comes from."""
        return Limits(
            bytes=self.import_unpacked_mb * 1_000_000,
            rows=self.import_rows,
            cells=self.import_cells,
            members=self.import_members,
            elements=self.import_elements,
        )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  names fixed by the base
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls))


def _driven(url: str | None) -> str | None:
    _, separator, rest = (url or "").partition("://")
    return f"postgresql+psycopg2://{rest}" if separator else url


def load() -> Settings:
    """The settings of this process, from its environment and working directory.

    Problem(SETTING_WRONG) names the first that is wrong.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise Problem(
            SETTING_WRONG, name=f"GRIDFIELD_{name.upper()}", reason=first["msg"]
        ) from None
    except (TOMLDecodeError, SettingsError) as error:
        raise Problem(SETTING_WRONG, name="gridfield.toml", reason=str(error)) from None
