"""Account functions: people, their sessions and their API keys."""

from functions.accounts import (
    api_key_create,
    api_key_list,
    api_key_revoke,
    profile_delete,
    profile_get,
    profile_update,
    refresh,
    register,
    session_end,
    session_end_others,
    session_list,
    sign_in,
    sign_in_code_create,
    sign_out,
    web_session_create,
    web_session_delete,
    web_session_refresh,
)
from shared.messaging.messages import RemovalRequested
from shared.operations import http

accounts_register = http(
    "POST /v1/users",
    register.handle,
    status=201,
    location="/v1/me",
    public=True,
    action="user.create",
)
accounts_sign_in = http(
    "POST /v1/sessions",
    sign_in.handle,
    prepare=sign_in.prepare,
    status=201,
    location="/v1/sessions/current",
    public=True,
    action="session.create",
    secret=True,
)
accounts_refresh = http(
    "POST /v1/sessions/refresh",
    refresh.handle,
    status=201,
    location="/v1/sessions/current",
    public=True,
    action="session.refresh",
    secret=True,
)
accounts_sign_out = http(
    "DELETE /v1/sessions/current", sign_out.handle, status=204, action="session.delete"
)
accounts_session_list = http("GET /v1/sessions", session_list.handle, max_instances=2)
accounts_session_end = http(
    "DELETE /v1/sessions/{session_id}",
    session_end.handle,
    status=204,
    action="session.delete",
    max_instances=2,
)
accounts_session_end_others = http(
    "DELETE /v1/sessions",
    session_end_others.handle,
    status=204,
    action="session.delete_others",
    max_instances=2,
)
accounts_sign_in_code_create = http(
    "POST /v1/sign-in-codes",
    sign_in_code_create.handle,
    action="sign_in_code.create",
    secret=True,
    max_instances=2,
)
accounts_web_session_create = http(
    "POST /v1/web-sessions",
    web_session_create.handle,
    prepare=web_session_create.prepare,
    status=201,
    location="/v1/web-sessions/current",
    public=True,
    action="session.create",  # whose refusals are counted together with the others
    secret=True,
)
accounts_web_session_refresh = http(
    "POST /v1/web-sessions/refresh",
    web_session_refresh.handle,
    status=201,
    location="/v1/web-sessions/current",
    public=True,
    action="session.refresh",
    secret=True,
    max_instances=2,
)
accounts_web_session_delete = http(
    "DELETE /v1/web-sessions/current",
    web_session_delete.handle,
    status=204,
    public=True,
    action="session.delete",
    max_instances=2,
)
accounts_profile_get = http("GET /v1/me", profile_get.handle)
accounts_profile_update = http(
    "PATCH /v1/me", profile_update.handle, prepare=profile_update.prepare, action="user.update"
)
accounts_profile_delete = http(
    "DELETE /v1/me",
    profile_delete.handle,
    prepare=profile_delete.prepare,
    status=204,
    publishes=(RemovalRequested,),
)
accounts_api_key_create = http(
    "POST /v1/api-keys",
    api_key_create.handle,
    status=201,
    location="/v1/api-keys/{id}",
    action="api_key.create",
    secret=True,
)
accounts_api_key_list = http("GET /v1/api-keys", api_key_list.handle)
accounts_api_key_revoke = http(
    "DELETE /v1/api-keys/{api_key_id}",
    api_key_revoke.handle,
    status=204,
    action="api_key.revoke",
)
