"""The picture of the architecture in the README, drawn from the declarations."""

from shared.declarations import HttpOperation
from shared.messaging.messages import Message
from shared.operations.discovery import Function, list_functions, list_message_functions

_BEGIN, _END = "<!-- chain: begin (generated) -->", "<!-- chain: end -->"
# Upkeep listens to and sends nearly everything; its lines would hide the others.
_LEFT_OUT = "upkeep"


def draw_chain() -> str:
    """Return a Mermaid flowchart: who publishes which message, and which function is pushed it.

    The HTTP functions of a bundle are one node, and what a function sends to itself is left out.
    """
    sources: dict[type[Message], set[str]] = {}
    for function in list_functions():
        for message in function.operation.publishes:
            sources.setdefault(message, set()).add(_format_node(function))
    nodes: set[str] = set()
    edges: list[str] = []
    for function, operation in sorted(list_message_functions(), key=lambda pair: pair[0].name):
        if function.bundle == _LEFT_OUT:
            continue
        target = f'{function.name}["{function.service}"]'
        senders = sorted(
            node
            for node in sources.get(operation.message, ())
            if not node.startswith((f"{function.name}[", f"{_LEFT_OUT}_"))
        )
        if operation.message.bucket_prefix:
            prefix = operation.message.bucket_prefix
            senders.append(f'bucket_{prefix.strip("/")}[("bucket: {prefix}")]')
        nodes |= {target, *senders}
        edges += [
            f"  {_make_id(sender)} -- {operation.message.topic} --> {function.name}"
            for sender in senders
        ]
    return "\n".join(["flowchart LR", *(f"  {node}" for node in sorted(nodes)), *edges])


def _format_node(function: Function) -> str:
    if isinstance(function.operation, HttpOperation):
        return f'{function.bundle}(["HTTP: {function.bundle}"])'
    return f'{function.name}["{function.service}"]'


def _make_id(node: str) -> str:
    return node.split("[", maxsplit=1)[0].split("(", maxsplit=1)[0]


def render_readme(text: str) -> str:
    """Return the README with the chain redrawn between its two marks."""
    before, mark, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not mark or not end:
        return text
    return f"{before}{_BEGIN}\n\n```mermaid\n{draw_chain()}\n```\n\n{_END}{after}"
