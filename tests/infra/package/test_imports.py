"""Imports read from the source."""

from infra.package.imports import imports_of


def test_a_function_brings_what_it_imports_and_the_packages_around_it() -> None:
    found = imports_of(["functions.projects.get"])
    assert {"functions.projects.get", "shared.queries.visible", "shared.queries"} <= found.modules
    assert "sqlalchemy.orm.Session" in found.others
    assert not any(name.startswith("functions.crawler") for name in found.modules)


def test_imports_inside_functions_count_and_those_for_type_checkers_do_not() -> None:
    connections = imports_of(["shared.database.driver"])
    assert "google.cloud.sql.connector.Connector" in connections.others
    imaging = imports_of(["shared.imaging"])
    assert not any(name.startswith(("PIL", "numpy")) for name in imaging.others)


def test_a_name_that_a_package_loads_on_first_use_brings_its_module() -> None:
    crawler = imports_of(["shared.crawls.download"])
    assert "shared.imaging.inspection" in crawler.modules
    images = imports_of(["functions.images.create_variants"])
    assert "shared.imaging.variants" in images.modules
    assert "shared.imaging.rendering" not in images.modules


def test_what_is_not_asked_for_is_left_out_with_all_that_only_it_imports() -> None:
    services = (
        "shared.inference.predictor",
        "shared.inference.serving",
        "shared.storage.bucket",
    )
    whole = imports_of(["shared.services"])
    without = imports_of(["shared.services"], never={"shared.services": services})
    assert "shared.storage.bucket" in whole.modules - without.modules
    assert {name for name in whole.others - without.others if "storage" in name}
    other_way = imports_of(["functions.images.content"], never={"shared.services": services})
    assert "shared.storage.bucket" in other_way.modules


def test_what_the_source_does_not_show_is_added() -> None:
    found = imports_of(["shared.errors"], also={"shared.errors": ("shared.settings",)})
    assert found.modules == {"shared", "shared.errors", "shared.settings"}
