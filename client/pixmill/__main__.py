"""`python -m pixmill` is the command `pixmill`."""

from pixmill.command.main import main

main(prog_name="pixmill")
