"""A function's surroundings in Google Cloud, on loopback."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.auth.compute_engine import _metadata
from google.cloud.sql import connector as connector_package
from google.cloud.sql.connector import connector as connector_module

from infra.gcp import migrate
from infra.local.postgres import Postgres
from tests.databases import execute, temporary_server
from tests.infra.gcp.standins import CONNECTION_NAME, PROJECT, Apis, Google, Instance

PASSWORD = "only the administrator has it"
LOGINS = [f"pixmill-{bundle}@{PROJECT}.iam" for bundle in ("images", "crawler")]
OWNER = f"pixmill-run-migrate@{PROJECT}.iam"


@pytest.fixture(scope="module")
def patch() -> Iterator[pytest.MonkeyPatch]:
    """Change that hold for a module's tests."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def cloud(patch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Google]:
    """Make this process believe that it runs on Google Cloud: a metadata server gives tokens."""
    stand_in = Google()
    apis = Apis(stand_in)
    patch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    patch.setenv("CLOUDSDK_CONFIG", str(tmp_path_factory.mktemp("no-gcloud")))
    patch.setenv("GCE_METADATA_IP", apis.host)
    patch.setattr(_metadata, "_GCE_METADATA_HOST", apis.host)  # read from the environment once
    patch.setattr(connector_module, "_DEFAULT_SCHEME", "http://")
    patch.setattr(connector_module, "_SQLADMIN_HOST_TEMPLATE", apis.host)
    yield stand_in
    apis.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """PostgreSQL with the roles and the database that a new Cloud SQL instance has."""
    with temporary_server() as server:
        hba = server.data / "pg_hba.conf"
        hba.write_text(
            "host all pixmill,postgres 127.0.0.1/32 scram-sha-256\n"
            "host all all 127.0.0.1/32 trust\n"  # the instance's TLS end knows who it is
        )
        execute(
            server.url,
            "SELECT pg_reload_conf()",
            "CREATE ROLE cloudsqlsuperuser NOLOGIN CREATEDB CREATEROLE",
            f"CREATE ROLE postgres LOGIN CREATEDB CREATEROLE PASSWORD '{PASSWORD}'",
            "GRANT cloudsqlsuperuser TO postgres",
            "CREATE DATABASE service OWNER cloudsqlsuperuser",
            *(f'CREATE ROLE "{login}" LOGIN' for login in [*LOGINS, OWNER]),
        )
        yield server


@pytest.fixture(scope="module")
def instance(
    cloud: Google,
    server: Postgres,
    patch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Google]:
    """Yield a Cloud SQL instance that nobody has migrated."""
    end = Instance(cloud, server.port, tmp_path_factory.mktemp("instance"))
    patch.setattr(connector_module, "SERVER_PROXY_PORT", end.port)
    made: list[Any] = []

    class Kept(connector_package.Connector):
        def __init__(self, *arguments: Any, **more: Any) -> None:
            super().__init__(*arguments, **more)
            made.append(self)

    patch.setattr(connector_package, "Connector", Kept)
    yield cloud
    for connector in made:
        connector.close()
        connector._loop.close()  # noqa: SLF001
    end.close()


@pytest.fixture(scope="module")
def job(patch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return what the migration job is told (infra/gcp/migration.tf)."""
    return {
        "INSTANCE_CONNECTION_NAME": CONNECTION_NAME,
        "DB_NAME": "service",
        "DB_IP_TYPE": "PRIVATE",
        "DB_USER": OWNER,
        "DB_LOGINS": ",".join(LOGINS),
        "DB_ADMIN_USER": "postgres",
        "DB_ADMIN_PASSWORD": PASSWORD,
    }


@pytest.fixture(scope="module")
def migrated(instance: Google, job: dict[str, str]) -> Google:
    """Return the instance after the migration job has run."""
    functions_account = instance.account
    instance.account = f"{OWNER}.gserviceaccount.com"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in job.items():
            patch.setenv(name, value)
        patch.chdir(Path(migrate.__file__).parents[2])
        migrate.main(job)
        migrate.main(job)  # again changes nothing
    instance.account = functions_account
    return instance
