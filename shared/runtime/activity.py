"""activity_logs: a row for every request whose declaration names an action."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Answer, Caller, Refused, RequestInfo
from shared.models import ActivityLog


def log_activity(
    session: Session,
    action: str,
    caller: Caller | None,
    given: dict[str, Any],
    result: Any,
    info: RequestInfo,
) -> None:
    """Write who did what to which resource, or tried to, in the transaction that did it.

    The resource is the one that is answered with, or that the address names, or the account.
    """
    model = result.model if isinstance(result, Answer) else result
    in_path = next((value for value in given.values() if isinstance(value, UUID)), None)
    user_id = caller.id if caller else getattr(result, "user_id", None)
    identity = getattr(model, "id", None) or in_path or user_id
    session.add(
        ActivityLog(
            user_id=user_id,
            action=f"{action}_refused" if isinstance(result, Refused) else action,
            resource_type=action.split(".", maxsplit=1)[0],
            resource_id=None if identity is None else str(identity),
            ip_address=info.ip,
            user_agent=info.user_agent,
            metadata_={"request_id": info.id},
        )
    )
