// The example of a widget, end to end: what its page sends reaches the card by way of its own
// receiver, and the page itself is let in nowhere.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cardfile, cli, project, until } from "./window.mjs";

const workspace = join(mkdtempSync(join(tmpdir(), "cardfile-story-")), "harbour-vale");
const children = [];
let door, receiver;

/** Starts a program and waits for its first line. */
async function started(command, args, env) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => { said += text; });
  return until(`${args[0]} says where it is`, () => said.includes("\n") && said.split("\n")[0]);
}

before(async () => {
  cardfile(workspace, "init", "--unprotected");
  const { token } = JSON.parse(cardfile(workspace, "token", "create", "widget", "--scopes", "ingest", "--json"));
  door = `http://${JSON.parse(await started(cli, ["--workspace", workspace, "serve", "--json"])).address}`;
  const script = join(project, "src-tauri/crates/gateway/examples/widget/receiver.mjs");
  const line = await started(process.execPath, [script], { CARDFILE_URL: door, CARDFILE_TOKEN: token, PORT: "0" });
  receiver = `http://localhost:${/:(\d+)$/.exec(line)[1]}`;
});
after(() => children.forEach((child) => child.kill("SIGKILL")));

/** As the page sends it. */
const send = (path, body, headers = {}) => fetch(`${receiver}${path}`, {
  method: "POST",
  headers: { "content-type": "application/json", origin: receiver, referer: `${receiver}/prices?token=s3cret&utm_source=mail`, ...headers },
  body: JSON.stringify(body),
});
const visit = { session_key: "8f2c", conversation_id: "c-1", at: "2026-11-20T10:00:00.000Z" };
const listed = () => cardfile(workspace, "list", "--json").split("\n").filter(Boolean).map((line) => JSON.parse(line));

test("its page has a form, and neither the token nor the address of the door", async () => {
  const page = await (await fetch(receiver)).text();
  assert.match(page, /<form>/);
  assert.ok(!page.includes("cardfile_") && !page.includes(new URL(door).port));
});

test("who agrees gets a card with the conversation, once however often it is sent", async () => {
  const lead = { ...visit, name: "Ana Ruiz", email: "ana@x.example", consent: true, key: "visit-1-lead" };
  const message = { ...visit, email: "ana@x.example", message: "Is it in stock?", key: "visit-1-text" };
  for (const [path, body] of [["/lead", lead], ["/message", message], ["/lead", lead], ["/message", message]]) {
    assert.equal((await send(path, body)).status, 204);
  }
  const [ana, ...others] = listed();
  assert.deepEqual(others, []);
  assert.equal(ana.name, "Ana Ruiz");
  assert.equal(ana.source, "widget");
  assert.equal(ana.page_url, `${receiver}/prices?utm_source=mail`);
  assert.equal(JSON.parse(cardfile(workspace, "show", "ana@x.example", "--json")).conversation_count, 1);
  assert.match(cardfile(workspace, "texts", "in stock"), /Ana Ruiz/);
});

test("who does not agree leaves a message of nobody", async () => {
  assert.equal((await send("/message", { ...visit, session_key: "77aa", conversation_id: "c-2", message: "Do you ship?", key: "visit-2-text" })).status, 204);
  assert.equal(listed().length, 1);
  assert.match(cardfile(workspace, "texts", "Do you ship"), /nobody known/);
});

test("a page of another site writes to neither, and what makes no sense is not passed on", async () => {
  const body = { ...visit, message: "Hi", key: "visit-3-text" };
  assert.equal((await send("/message", body, { origin: "https://evil.example" })).status, 403);
  assert.equal((await send("/message", body, { "content-type": "text/plain" })).status, 415);
  assert.equal((await send("/message", { ...body, message: "x".repeat(5000) })).status, 422);
  assert.equal((await send("/lead", { ...visit, email: "nobody", consent: true, key: "visit-4-lead" })).status, 422);
  const direct = await fetch(`${door}/v1/ingest/lead`, { method: "POST", headers: { "content-type": "application/json", origin: receiver }, body: "{}" });
  assert.equal(direct.status, 403);
  assert.equal(listed().length, 1);
});
