"""Publishes again the messages that Google's Pub/Sub emulator lost when it ended."""

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from shared.database.driver import to_pg8000_url

_LOST = text("""
    UPDATE outbox SET sent_at = NULL
    WHERE sent_at > now() - interval '1 day'
      AND NOT EXISTS (SELECT FROM deliveries WHERE deliveries.message_id = outbox.id::text)
""")


def send_again(database_url: str) -> None:
    """Have the relay publish again what was sent in the last day and never handled.

    What was handled by one of several functions is not sent again: the sweep finds that.
    """
    url, arguments = to_pg8000_url(database_url)
    with create_engine(url, connect_args=arguments, poolclass=NullPool).begin() as connection:
        connection.execute(_LOST)
