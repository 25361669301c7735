"""Modules that await become modules that wait, word by word."""

from pathlib import Path

from shared.contracts.blocking import render_blocking


def test_words_of_awaiting_go(tmp_path: Path) -> None:
    (tmp_path / "jobs.py").write_text(
        '"""Jobs."""\n'
        "from asyncio import sleep\n"
        "from pixmill.aio.client import AsyncClient\n"
        "async def wait(client: AsyncClient) -> AsyncIterator[str]:\n"
        "    async with client as one:\n"
        "        async for block in one.aiter_bytes():\n"
        "            await sleep(1)\n"
        "    find: Callable[[], Awaitable[str]]\n"
        "    await client.aclose()\n"
        "    client.__aexit__\n"
    )
    assert render_blocking(tmp_path) == {
        "jobs.py": '"""(Written by `make contracts` from `pixmill/aio/`.) Jobs."""\n'
        "from time import sleep\n"
        "from pixmill.sync.client import Client\n"
        "def wait(client: Client) -> Iterator[str]:\n"
        "    with client as one:\n"
        "        for block in one.iter_bytes():\n"
        "            sleep(1)\n"
        "    find: Callable[[], str]\n"
        "    client.close()\n"
        "    client.__exit__\n"
    }
