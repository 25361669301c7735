"""`pixmill`: the commands."""

import signal
from pathlib import Path
from typing import Any

import click
from click.shell_completion import get_completion_class

from pixmill.addresses import find_version
from pixmill.command import accounts, build, console, datasets, images, models, system, webhooks
from pixmill.command.refusals import INTERRUPTED, WRONG_USE, Refusal, make_refusal
from pixmill.errors import PixmillError
from pixmill.files import describe_os_error


class Commands(click.Group):
    """Commands whose errors are sentences with exit codes, as JSON where `--json` asks for it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what stands before the command's name."""
        ctx.meta["json"] = "--json" in args
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise _explain_usage(ctx, error) from error

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise _explain_usage(ctx, error) from error
        except PixmillError as error:
            session = ctx.meta.get("session")
            raise make_refusal(error, session.url if session else None) from error
        except (KeyboardInterrupt, click.Abort):  # the second comes from prompts
            raise Refusal(ctx.meta.get("interrupted", "Stopped."), INTERRUPTED) from None
        except BrokenPipeError:
            raise click.exceptions.Exit(0) from None  # the reader has enough
        except OSError as error:
            raise Refusal(describe_os_error(error, Path(error.filename or "a file"))) from error


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
For example:
  pixmill build cats.csv --label-column label --size 224 --out cats
  pixmill build https://example.org/gallery --depth 1 --out gallery

Exit codes: 0 done, 1 failed, 2 wrong use, 3 done with failures (--strict), 130 interrupted.""",
)
@click.version_option(find_version(), prog_name="pixmill")
def main() -> None:
    """Build image datasets: from tables of addresses, web pages, folders and words."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    click.get_current_context().call_on_close(lambda: signal.signal(signal.SIGTERM, before))


def _explain_usage(ctx: click.Context, error: click.UsageError) -> click.ClickException:
    """Return what click says of wrong arguments, in the form that is asked for."""
    return Refusal(error.format_message(), WRONG_USE) if ctx.meta["json"] else error


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what completes the command in a shell: eval "$(pixmill completion bash)"."""
    kind = get_completion_class(shell)
    if kind is None:
        raise Refusal(f"There is no completion for {shell}.", WRONG_USE)
    click.echo(kind(main, {}, "pixmill", "_PIXMILL_COMPLETE").source())


main.add_command(completion)
for module in (build, system, console, accounts, datasets, images, models, webhooks):
    for command in module.COMMANDS:
        main.add_command(command)
