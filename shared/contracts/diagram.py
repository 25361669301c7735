"""The picture of the architecture in the README, drawn from the declarations."""

from shared.declarations import HttpOperation, MessageOperation
from shared.discovery import all_functions

_BEGIN, _END = "<!-- chain: begin (generated) -->", "<!-- chain: end -->"


def chain() -> str:
    """A Mermaid flowchart: which function publishes to which topic, and who is pushed what."""
    lines = ["flowchart LR"]
    functions = sorted(all_functions(), key=lambda function: function.name)
    sources: dict[str, list[str]] = {}
    for function in functions:
        operation = function.operation
        if isinstance(operation, HttpOperation) and not operation.publishes:
            continue
        shape = ("[", "]") if isinstance(operation, MessageOperation) else ("([", "])")
        lines.append(f'  {function.name}{shape[0]}"{function.service}"{shape[1]}')
        for message in operation.publishes:
            sources.setdefault(message.topic, []).append(function.name)
    for function in functions:
        if not isinstance(function.operation, MessageOperation):
            continue
        message = function.operation.message
        lines += [
            f"  {source} -- {message.topic} --> {function.name}"
            for source in sources.get(message.topic, [])
        ]
        if message.schedule:
            lines.append(f'  schedule{{{{schedule}}}} -- "{message.schedule}" --> {function.name}')
        if message.bucket_prefix:
            lines.append(f'  bucket[(bucket)] -- "{message.bucket_prefix}…" --> {function.name}')
    return "\n".join(lines)


def render_readme(text: str) -> str:
    """The README with the chain redrawn between its two marks."""
    before, mark, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not mark or not end:
        return text
    return f"{before}{_BEGIN}\n\n```mermaid\n{chain()}\n```\n\n{_END}{after}"
