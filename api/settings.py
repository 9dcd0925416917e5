"""Configuration from the environment and gridfield.toml; no lower floor reads either."""

from functools import cached_property
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from gis.errors import SETTING_WRONG, Problem


class Settings(BaseSettings):
    """Every setting is an environment variable GRIDFIELD_<NAME> or a key of gridfield.toml."""

    model_config = SettingsConfigDict(
        env_prefix="GRIDFIELD_", toml_file="gridfield.toml", extra="forbid", frozen=True
    )

    database_url: str | None = Field(
        default=None,
        description="A PostgreSQL server with PostGIS; unset: a private cluster under `home`.",
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
    map_approval: str | None = Field(
        default=None, description="审图号, printed on every map that is shown in public."
    )

    @cached_property
    def sqlalchemy_url(self) -> str | None:
        """`database_url` with the driver named: bare postgresql:// would mean another driver."""
        if self.database_url is None:
            return None
        _, separator, rest = self.database_url.partition("://")
        return f"postgresql+psycopg2://{rest}" if separator else self.database_url

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
