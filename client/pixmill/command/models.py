"""Models, and what they predict."""

import json
from pathlib import Path
from typing import Any

import click

from pixmill.command.progress import Stage
from pixmill.command.refusals import Refusal
from pixmill.command.session import Session, common
from pixmill.tensors import IMAGES_AT_ONCE


@click.command()
@common
def models(session: Session) -> None:
    """List the account's models."""
    with session.connect() as client:
        session.show_rows(
            client.list_models(),
            lambda row: f"{row['id']}  {row['name']} {row['version']}  {row['status']}",
        )


@click.command()
@click.argument("name")
@click.argument("image_ids", nargs=-1)
@click.option("--version", default="latest", show_default=True, help="latest, or an alias.")
@click.option(
    "--inputs", type=click.File(), help="A JSON file of nested lists, or - for standard input."
)
@common
def predict(
    session: Session, name: str, image_ids: tuple[str, ...], version: str, inputs: Any
) -> None:
    """Ask a model about images, by their ids, or about tensors."""
    if bool(image_ids) == (inputs is not None):
        raise click.UsageError("Give either ids of images or --inputs.")
    tensors = None if inputs is None else _read_json(inputs)
    with session.connect() as client:
        model = client.get_model(name, version)
        if tensors is None:
            stage = Stage("predict")
            for first in range(0, len(image_ids), IMAGES_AT_ONCE):
                some = image_ids[first : first + IMAGES_AT_ONCE]
                session.show_rows(model.predict_images(some), json.dumps)
                stage.update(first + len(some), len(image_ids), "images")
            stage.finish()
            return
        outputs = {
            key: value.tolist() if hasattr(value, "tolist") else value
            for key, value in model.predict(tensors).items()
        }
        session.show(outputs, [f"{key}  {json.dumps(value)}" for key, value in outputs.items()])


def _read_json(file: Any) -> Any:
    try:
        return json.load(file)
    except ValueError as error:
        raise Refusal(f"{Path(file.name).name} is no JSON: {error}.", 2) from error


COMMANDS = (models, predict)
