"""Answer what browsers ask before a page's request; the runtime adds which origins may."""


def handle() -> None:
    """Answer a preflight.

    The gateway calls this for OPTIONS of every address (CORS, in the Fetch standard).
    """
