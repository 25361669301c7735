"""No apply takes the database away."""

import re

from tests.infra.gcp.configuration import body_of

DATABASE = body_of("database.tf", '"google_sql_database_instance" "this"')


def test_a_disk_that_has_grown_is_no_reason_for_another_instance() -> None:
    """The provider makes a new instance where the declared disk is smaller than the real one."""
    assert re.search(r"disk_autoresize += true", DATABASE)
    assert re.search(r"ignore_changes += \[settings\[0\]\.disk_size\]", DATABASE)
