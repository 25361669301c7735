"""The drawings of who sends which message to whom, made from the declarations."""

from shared.declarations import HttpOperation
from shared.messaging.messages import Message
from shared.operations.discovery import Function, list_functions, list_message_functions

_BEGIN, _END = "<!-- chain: begin (generated) -->", "<!-- chain: end -->"
# Upkeep listens to and sends nearly everything; its lines would hide the others.
_LEFT_OUT = "upkeep"
# One drawing for the bundles that do one kind of work; what is in none is in the last.
_DRAWINGS = {
    "Collecting": ("crawler", "manifests", "pages", "searcher"),
    "Pictures and what is found out about them": (
        *("renditions", "analyzer", "inference", "validations"),
        "models",
    ),
    "Datasets": ("exports", "verifier", "versions"),
}
_REST = "Beside them"


def draw_chain() -> dict[str, str]:
    """Return Mermaid flowcharts by title: who publishes which message to which function.

    The HTTP functions of a bundle are one node, and what a function sends to itself is left out.
    """
    sources: dict[type[Message], set[str]] = {}
    for function in list_functions():
        for message in function.operation.publishes:
            sources.setdefault(message, set()).add(_format_node(function))
    nodes: dict[str, set[str]] = {title: set() for title in (*_DRAWINGS, _REST)}
    edges: dict[str, list[str]] = {title: [] for title in nodes}
    for function, operation in sorted(list_message_functions(), key=lambda pair: pair[0].name):
        if function.bundle == _LEFT_OUT:
            continue
        title = _find_title(function.bundle)
        target = f'{function.name}["{function.service}"]'
        senders = sorted(
            node
            for node in sources.get(operation.message, ())
            if not node.startswith((f"{function.name}[", f"{_LEFT_OUT}_"))
        )
        if operation.message.bucket_prefix:
            prefix = operation.message.bucket_prefix
            senders.append(f'bucket_{prefix.strip("/")}[("bucket: {prefix}")]')
        nodes[title] |= {target, *senders}
        edges[title] += [
            f"  {_make_id(sender)} -- {operation.message.topic} --> {function.name}"
            for sender in senders
        ]
    return {
        title: "\n".join(["flowchart LR", *(f"  {node}" for node in sorted(nodes[title])), *lines])
        for title, lines in edges.items()
        if lines
    }


def _find_title(bundle: str) -> str:
    return next((title for title, bundles in _DRAWINGS.items() if bundle in bundles), _REST)


def _format_node(function: Function) -> str:
    if isinstance(function.operation, HttpOperation):
        return f'{function.bundle}(["HTTP: {function.bundle}"])'
    return f'{function.name}["{function.service}"]'


def _make_id(node: str) -> str:
    return node.split("[", maxsplit=1)[0].split("(", maxsplit=1)[0]


def render_chain(text: str) -> str:
    """Return a document with the drawings made anew between its two marks."""
    before, mark, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not mark or not end:
        return text
    drawings = "\n\n".join(
        f"### {title}\n\n```mermaid\n{chart}\n```" for title, chart in draw_chain().items()
    )
    return f"{before}{_BEGIN}\n\n{drawings}\n\n{_END}{after}"
