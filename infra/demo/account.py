"""An account of its own for each run."""

import secrets

import pixmill
from pixmill import operations


def open_account(base_url: str, name: str, password: str | None = None) -> pixmill.Client:
    """Open an account under a name of chance; return a client with a key of it."""
    # Another address each time: the database may know the last one.
    email = f"{name}-{secrets.token_hex(6)}@example.com"
    password = password or secrets.token_urlsafe(16)
    with pixmill.Client(base_url) as anyone:
        anyone.send(operations.accounts_register({"email": email, "password": password}))
        tokens = anyone.send(operations.accounts_sign_in({"email": email, "password": password}))
    with pixmill.Client(base_url, tokens["access_token"]) as owner:
        key = owner.send(operations.accounts_api_key_create({"name": name}))["key"]
    return pixmill.Client(base_url, key)


def fetch_content(client: pixmill.Client, image_id: str, variant: str) -> bytes:
    """Return the bytes of an image's variant."""
    # The signed address must not see the API's credentials, which this does not send.
    address = client.send(operations.images_content(image_id, variant=variant))
    return client.http.get(address).raise_for_status().content
