"""Webhooks: made, listed, paused, tested, and what was sent to them."""

from typing import Any

import click

from pixmill import operations
from pixmill.command.refusals import Refusal
from pixmill.command.session import Session, common
from pixmill.webhooks import EVENTS

_webhook = click.argument("webhook_id", metavar="ID")


@click.group()
def webhooks() -> None:
    """Have addresses told that jobs have ended."""


@webhooks.command("list")
@common
def list_(session: Session) -> None:
    """List the account's webhooks, newest first."""
    with session.connect() as client:
        session.show_rows((one.row for one in client.list_webhooks()), _describe)


@webhooks.command()
@click.argument("url")
@click.option(
    "--event",
    "events",
    type=click.Choice(EVENTS),
    metavar="EVENT",
    multiple=True,
    help="Such as crawl_job.completed; may be given several times. Without it, every event.",
)
@common
def create(session: Session, url: str, events: tuple[str, ...]) -> None:
    """Have an address told of events, and print the secret that signs them: it is shown once."""
    with session.connect() as client:
        webhook = client.create_webhook(url, events or EVENTS)
        session.show(
            {**webhook.row, "secret": webhook.secret}, [webhook.id, f"secret {webhook.secret}"]
        )


@webhooks.command()
@_webhook
@common
def pause(session: Session, webhook_id: str) -> None:
    """Send nothing until it is resumed; what happens meanwhile waits."""
    with session.connect() as client:
        webhook = client.get_webhook(webhook_id)
        webhook.pause()
        session.show(webhook.row, [_describe(webhook.row)])


@webhooks.command()
@_webhook
@common
def resume(session: Session, webhook_id: str) -> None:
    """Send again, first what has waited."""
    with session.connect() as client:
        webhook = client.get_webhook(webhook_id)
        webhook.resume()
        session.show(webhook.row, [_describe(webhook.row)])


@webhooks.command()
@_webhook
@common
def delete(session: Session, webhook_id: str) -> None:
    """Delete a webhook with all that was or is to be sent to it."""
    with session.connect() as client:
        client.get_webhook(webhook_id).delete()
        session.show({"deleted": webhook_id}, ["Deleted."])


@webhooks.command("rotate-secret")
@_webhook
@common
def rotate_secret(session: Session, webhook_id: str) -> None:
    """Print a new secret; for a day posts are signed with the one before as well."""
    with session.connect() as client:
        answer = client.send(operations.webhooks_rotate_secret(webhook_id))
        until = answer["old_secret_expires_at"]
        session.show(answer, [answer["secret"], f"The one before signs until {until}."])


@webhooks.command()
@_webhook
@click.option("--timeout", type=click.FloatRange(0), default=30.0, show_default=True)
@common
def test(session: Session, webhook_id: str, timeout: float) -> None:
    """Send the event webhook.test, and say what came of it; exit with 1 unless it was accepted."""
    with session.connect() as client:
        webhook = client.get_webhook(webhook_id)
        delivery = webhook.watch(webhook.send_test(), timeout=timeout)
        session.show(delivery, [_describe_delivery(delivery)])
        if delivery["status"] != "completed":
            reason = delivery["error"] or f"Nothing is known of it after {timeout:.0f} s."
            raise Refusal(f"{webhook.row['url']} has not accepted it: {reason}")


@webhooks.command()
@_webhook
@click.option("--status", type=click.Choice(["pending", "completed", "failed"]))
@common
def deliveries(session: Session, webhook_id: str, status: Any) -> None:
    """List what was and is to be sent to a webhook, newest first."""
    with session.connect() as client:
        rows = client.get_webhook(webhook_id).deliveries(status=status)
        session.show_rows(rows, _describe_delivery)


@webhooks.command()
@click.argument("delivery_id", metavar="DELIVERY")
@common
def replay(session: Session, delivery_id: str) -> None:
    """Send a delivery again, under its id."""
    with session.connect() as client:
        delivery = client.send(operations.webhooks_replay(delivery_id))
        session.show(delivery, [_describe_delivery(delivery)])


def _describe(row: Any) -> str:
    state = "active" if row["is_active"] else "paused"
    why = f"  {row['error']}" if row["error"] else ""
    return f"{row['id']}  {state:<6}  {len(row['events']):>2} events  {row['url']}{why}"


def _describe_delivery(row: Any) -> str:
    answer = row["response_status"] or "-"
    about = row["payload"]["data"].get("id") or "-"
    why = f"  {row['error']}" if row["error"] else ""
    return f"{row['id']}  {row['status']:<9}  {answer:>3}  {row['event']}  {about}{why}"


COMMANDS = (webhooks,)
