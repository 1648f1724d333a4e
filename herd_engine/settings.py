"""Every setting that the environment gives, in one table; `herd settings` prints it."""

import os
from pathlib import Path
from typing import Any

from pydantic import Field, PositiveInt, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from herd_engine.errors import ParameterError

PREFIX = "HERD_"


class Settings(BaseSettings):
    """What the environment says; ``None`` or empty where it says nothing.

    The name of each is ``HERD_`` and the field's in capitals, unless it is another program's.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", use_attribute_docstrings=True
    )

    home: Path | None = None
    """folder of what is kept; ~/.herd-workbench by default"""
    farm: str = ""
    """farm that commands mean; the default one by default"""
    database_url: SecretStr | None = None
    """PostgreSQL or SQLite, as SQLAlchemy writes it; a file in HERD_HOME by default"""
    storage_url: str | None = None
    """folder or s3://bucket/path of files; HERD_HOME/files by default"""
    database_url_file: Path | None = None
    """file that holds the address of the database"""
    cache_url: SecretStr | None = None
    """Redis for answers about outputs and for rates; else memory"""
    dask_address: str | None = None
    """Dask scheduler elsewhere, such as tcp://host:8786"""
    dask_scheduler_file: str | None = None
    """file that tells where Dask's scheduler is"""
    submitter: str | None = None
    """who submits; `local` by default, plan:NAME in plans"""
    chromium: str | None = None
    """program that prints PDF; a usual name by default"""
    apps_hosts: str = ""
    """names by which visitors call the apps, with commas between"""
    apps_token: SecretStr | None = None
    """key of the apps; the home's by default; set and empty: none is asked for"""
    apps_pages: PositiveInt | None = None
    """pages open at once; as many as memory and cores bear by default"""
    api_auth: str | None = None
    """off, optional, key or required; key on loopback, else required, by default"""
    api_auth_insecure: bool = False
    """1: off and optional also where others reach it"""
    api_hosts: str = ""
    """names by which programs call the service, with commas between"""
    api_rates: str = ""
    """rates of the service that differ from the usual, such as read=100/second,stream=50"""
    api_cors_origins: str = ""
    """origins of pages that may call the service, with commas"""
    api_proxies: str = ""
    """addresses or networks whose word about callers (X-Forwarded-*, Forwarded) counts, with commas"""
    api_root_path: str = ""
    """path below which the service is reached from outside, such as /herd"""
    api_xratelimit: bool = False
    """1: what is left of a rate is said in X-RateLimit-* too"""
    api_legacy: bool = True
    """0: the paths of the first contract, /api/..., are not served"""
    api_pepper: SecretStr | None = None
    """secret of API keys; the home's own by default"""
    api_pepper_file: Path | None = None
    """file that holds the secret of API keys"""
    api_token: SecretStr | None = None
    """key or token that `herd smoke api --base` shows to a service elsewhere"""
    runs_kept: PositiveInt = 100
    """newest finished runs of a farm that `herd watch` keeps, beside those that matter"""
    metrics_address: str = "127.0.0.1:9464"
    """where the service shows its metrics to scrapers without a key; off: nowhere"""
    metrics_farms: PositiveInt = 100
    """farms that metrics name at most"""
    prometheus_multiproc_dir: str = Field(default="", validation_alias="PROMETHEUS_MULTIPROC_DIR")
    """must not be set: each service counts for itself, so each is scraped at an address of its own"""
    preflight_mode: str = ""
    """what is done with a file that breaks its contract: off, report_only, enforce"""
    api_oidc_issuer: str = ""
    """address of the identity provider whose tokens are taken; none by default"""
    api_oidc_audience: str = ""
    """whom its tokens must be for, with commas between"""
    api_oidc_alias: str = ""
    """stands before the names of its people"""
    api_oidc_algorithms: str = ""
    """what it signs with: some of RS256, ES256, EdDSA, which is also the default"""
    api_user_claim: str = ""
    """claim of a token that says who somebody is; user_id, UserID, sub, uid by default"""
    sso_user_id_claim: str = Field(default="", validation_alias="SSO_USER_ID_CLAIM")
    """the same by the name that other programs of a portal know"""
    api_user_claim_strict: bool = False
    """1: that claim and no other"""
    api_groups_claim: str = "groups"
    """claim that names somebody's groups"""
    api_role_claim: str = ""
    """claim that gives a role; none by default"""
    api_farms_claim: str = ""
    """claim that names the farms of that role"""

    @field_validator("*", mode="before")
    @classmethod
    def _unset(cls, value: Any, info: Any) -> Any:
        # A variable that is set to nothing says nothing, but for the token, which is then not asked for.
        says_nothing = value == "" and info.field_name != "apps_token"
        return cls.model_fields[info.field_name].default if says_nothing else value

    @classmethod
    def read(cls) -> "Settings":
        """Return what the environment says now.

        Raises
        ------
        ParameterError
            A value is none that its setting can have.
        """
        try:
            return cls()
        except ValidationError as error:
            first = error.errors()[0]
            name = f"{PREFIX}{'_'.join(map(str, first['loc'])).upper()}".replace(PREFIX * 2, PREFIX)
            raise ParameterError.of_finding(name, first) from None


def secret_text(value: SecretStr | None) -> str | None:
    """Return what a secret setting says, for whoever needs it."""
    return None if value is None else value.get_secret_value()


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a setting that has commas between them, in small letters."""
    return tuple(word.strip().lower() for word in text.split(",") if word.strip())


def variable_of(name: str) -> str:
    """Return the variable of a setting."""
    return str(Settings.model_fields[name].validation_alias or f"{PREFIX}{name.upper()}")


def is_given(name: str) -> bool:
    """Tell whether the environment gives a setting."""
    return variable_of(name) in os.environ
