"""A small, strict IMAP server for tests: it knows what a careful reader needs and refuses everything else."""

import asyncio
import re
import ssl
import threading
from typing import Self

FETCH = re.compile(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)")
STORE = re.compile(r"UID STORE ([\d,]+) \+FLAGS\.SILENT \(\\Seen\)")
LOGIN = re.compile(r'LOGIN (\S+) "?([^"]*)"?')


class ImapServer:
    """One mailbox with one folder, behind TLS on the loopback; `seen` are the numbers of the mails marked as read."""

    def __init__(self, context: ssl.SSLContext, mails: list[bytes], user: str, password: str, folder: str) -> None:
        self.context, self.user, self.password, self.folder = context, user, password, folder
        self.mails = {7 + 3 * place: mail for place, mail in enumerate(mails)}
        self.seen: set[int] = set()
        self.heard: list[str] = []
        self.port = 0
        self._talks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(ready,))
        self._thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve(ready))
        self._loop.close()

    async def _serve(self, ready: threading.Event) -> None:
        self._over = asyncio.Event()
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=self.context)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._over.wait()
        server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if talk := asyncio.current_task():
            self._talks.add(talk)
        state = "new"
        writer.write(b"* OK ready\r\n")
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            tag, _, command = line.partition(" ")
            self.heard.append("LOGIN" if command.startswith("LOGIN") else command)
            state, answer = self._answer(command, state)
            writer.write(answer.replace(b"TAG", tag.encode(), 1) if answer else f"{tag} BAD what?\r\n".encode())
            await writer.drain()
        writer.transport.abort()  # a close in two steps would wait for a client that has gone

    def _answer(self, command: str, state: str) -> tuple[str, bytes]:
        """The state after a command, and what is said; nothing for what is not understood or out of place."""
        if command == "CAPABILITY":
            return state, b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n"
        if command == "LOGOUT":
            return state, b"* BYE\r\nTAG OK done\r\n"
        if state == "new" and (said := LOGIN.fullmatch(command)):
            good = said.groups() == (self.user, self.password)
            return ("in", b"TAG OK done\r\n") if good else (state, b"TAG NO [AUTHENTICATIONFAILED] wrong\r\n")
        if state == "in" and command.startswith("SELECT "):
            good = command == f'SELECT "{self.folder}"'
            found = f"* {len(self.mails)} EXISTS\r\nTAG OK done\r\n".encode()
            return ("folder", found) if good else (state, b"TAG NO no such folder\r\n")
        return state, self._in_folder(command) if state == "folder" else b""

    def _in_folder(self, command: str) -> bytes:
        if command == "UID SEARCH UNSEEN":
            return f"* SEARCH {' '.join(str(n) for n in self.mails if n not in self.seen)}\r\nTAG OK done\r\n".encode()
        if (said := FETCH.fullmatch(command)) and int(said[1]) in self.mails:
            raw = self.mails[int(said[1])][: int(said[2])]
            return f"* 1 FETCH (UID {said[1]} BODY[]<0> {{{len(raw)}}}\r\n".encode() + raw + b")\r\nTAG OK done\r\n"
        if said := STORE.fullmatch(command):
            self.seen |= set(map(int, said[1].split(",")))
            return b"TAG OK done\r\n"
        return b""
