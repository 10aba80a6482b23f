"""An agent made with the official SDK of another language, with tokens made by PyJWT.

    agent.py keys FOLDER            makes a key of each sort, and writes the public ones as PEM
    agent.py talk FOLDER PROGRAM ARGUMENT...

The second starts PROGRAM and talks with it over its standard streams. It reads a JSON list of
[tool, arguments] from its own standard input; a "token" among the arguments that is an object
{"algorithm", "claims", "minutes"} is made into a token. It prints a JSON object: the tools, the
resources, and the answers.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

SECRET = "a secret of the shop, long enough for HS256"


def make_keys(folder: Path) -> None:
    made = {"RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048), "ES256": ec.generate_private_key(ec.SECP256R1())}
    for name, key in made.items():
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        (folder / f"{name}.pem").write_bytes(private)
        (folder / f"{name}.pub").write_bytes(public)


def token(folder: Path, wanted: dict) -> str:
    algorithm = wanted["algorithm"]
    key = SECRET if algorithm == "HS256" else (folder / f"{algorithm}.pem").read_text()
    claims = {**wanted["claims"], "exp": int(time.time()) + 60 * wanted["minutes"]}
    return jwt.encode(claims, key, algorithm=algorithm)


async def talk(folder: Path, program: str, arguments: list[str], steps: list) -> dict:
    server = StdioServerParameters(command=program, args=arguments)
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        tools = await session.list_tools()
        resources = await session.list_resources()
        answers = []
        for tool, given in steps:
            if isinstance(given.get("token"), dict):
                given["token"] = token(folder, given["token"])
            answer = await session.call_tool(tool, given)
            answers.append(answer.model_dump(mode="json", by_alias=True))
        return {
            "tools": [tool.name for tool in tools.tools],
            "resources": [resource.name for resource in resources.resources],
            "answers": answers,
        }


def main() -> None:
    mode, folder = sys.argv[1], Path(sys.argv[2])
    if mode == "keys":
        make_keys(folder)
        return
    steps = json.load(sys.stdin)
    print(json.dumps(asyncio.run(talk(folder, sys.argv[3], sys.argv[4:], steps))))


main()
