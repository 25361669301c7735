"""Imports read from the source."""

from infra.package.imports import find_imports


def test_a_function_brings_what_it_imports_and_the_packages_around_it() -> None:
    found = find_imports(["functions.projects.get"])
    assert {"functions.projects.get", "shared.queries.visible", "shared.queries"} <= found.modules
    assert "sqlalchemy.orm.Session" in found.others
    assert not any(name.startswith("functions.crawler") for name in found.modules)


def test_imports_inside_functions_count_and_those_for_type_checkers_do_not() -> None:
    connections = find_imports(["shared.database.driver"])
    assert "google.cloud.sql.connector.Connector" in connections.others
    imaging = find_imports(["shared.imaging"])
    assert not any(name.startswith(("PIL", "numpy")) for name in imaging.others)


def test_a_name_that_a_package_loads_on_first_use_brings_its_module() -> None:
    crawler = find_imports(["shared.crawls.download"])
    assert "shared.imaging.inspection" in crawler.modules
    images = find_imports(["functions.images.create_variants"])
    assert "shared.imaging.variants" in images.modules
    assert "shared.imaging.rendering" not in images.modules


def test_what_is_not_asked_for_is_left_out_with_all_that_only_it_imports() -> None:
    services = (
        "shared.inference.predictor",
        "shared.inference.serving",
        "shared.storage.bucket",
    )
    whole = find_imports(["shared.services"])
    without = find_imports(["shared.services"], never={"shared.services": services})
    assert "shared.storage.bucket" in whole.modules - without.modules
    assert {name for name in whole.others - without.others if "storage" in name}
    other_way = find_imports(["functions.images.content"], never={"shared.services": services})
    assert "shared.storage.bucket" in other_way.modules


def test_what_the_source_does_not_show_is_added() -> None:
    found = find_imports(["shared.errors"], also={"shared.errors": ("shared.settings",)})
    assert found.modules == {"shared", "shared.errors", "shared.settings"}
