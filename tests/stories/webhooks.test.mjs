// Another program is told what happens to contacts: set up in the window, received by a server of
// this story, and checked by the library that Standard Webhooks itself publishes.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cardfile, project, until, Window } from "./window.mjs";

const { Webhook } = createRequire(join(project, "ui/package.json"))("standardwebhooks");

/** Keeps what it is told, and answers with `status`. */
class Receiver {
  got = [];
  status = 200;

  static async start() {
    const receiver = new Receiver();
    receiver.server = createServer((request, answer) => {
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => {
        receiver.got.push({ headers: request.headers, body: Buffer.concat(parts).toString("utf8"), status: receiver.status });
        answer.writeHead(receiver.status).end();
      });
    }).listen(0, "127.0.0.1");
    await new Promise((ready) => receiver.server.once("listening", ready));
    receiver.url = `http://127.0.0.1:${receiver.server.address().port}/catch/1`;
    return receiver;
  }

  /** Waits for so many more requests, and gives them. */
  async take(amount) {
    await until(`${amount} requests`, () => this.got.length >= amount);
    return this.got.splice(0, amount);
  }

  close() {
    this.server.close();
    this.server.closeAllConnections();
  }
}

let window, receiver, secret;
const person = (name, email) => {
  const file = join(window.folder, `${email}.csv`);
  writeFileSync(file, `name,email,company\n${name},${email},Solvento\n`);
  cardfile(window.workspace, "import", file);
};

before(async () => {
  receiver = await Receiver.start();
  window = await Window.unprotected();
});
after(async () => {
  await window?.close();
  receiver?.close();
});

test("a webhook is added by keyboard, and its secret is shown once", async () => {
  await window.keys("g", "o");
  await window.see("h2", "Told of changes");
  await window.click(".consub button", "Webhook");
  await window.see("[role=dialog] h2", "Add a webhook");
  await window.type("CRM");
  await window.reach("Address of the webhook");
  await window.type(receiver.url);
  await window.keys("Enter");
  await window.see("[role=dialog] h2", "The secret of CRM");
  secret = await window.text(".hooksecret");
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  await window.keys("Escape");
  await window.gone("[role=dialog]");
  await window.see("main h2", "CRM");
  await window.see("main .bdg", "Off");
  assert.ok(!cardfile(window.workspace, "webhook", "list", "--json").includes(secret), "nothing says it again");
});

test("a test arrives, signed as the specification's own library checks it", async () => {
  await window.click("main .conhead button", "Send a test");
  await window.see(".toast", "CRM took the test, with the status 200");
  const [ping] = await receiver.take(1);
  assert.equal(new Webhook(secret).verify(ping.body, ping.headers).event, "ping");
  assert.throws(() => new Webhook(secret).verify(ping.body.replace("ping", "pong"), ping.headers), /signature/i);
  assert.throws(() => new Webhook(`whsec_${Buffer.alloc(32).toString("base64")}`).verify(ping.body, ping.headers), /signature/i);
});

test("only what was approved leaves, by itself, once the webhook is on", async () => {
  await window.click("[aria-label='Name may leave']");
  await window.see("main .conflow", "1 field may leave");
  await window.click("[aria-label='Company may leave']");
  await window.see("main .conflow", "2 fields may leave");
  await window.pictures("webhook");
  person("Ana Ruiz", "early@x.example");
  await window.click("main .conhead button", "Turn on");
  await window.see("main .bdg", "On");
  person("Marta Ruiz", "marta@x.example");
  const [made] = await receiver.take(1);
  const { event, data } = new Webhook(secret).verify(made.body, made.headers);
  assert.equal(event, "contact.created");
  assert.deepEqual(Object.keys(data), ["id", "name", "email", "phone", "company", "source", "metadata", "created_at"]);
  assert.deepEqual([data.name, data.company, data.email], ["Marta Ruiz", "Solvento", null]);
  await window.see(".hooklog tbody tr", "Taken");
});

test("who does not answer is tried again with the same id, and the window says so", async () => {
  receiver.status = 500;
  person("Bo Lind", "bo@x.example");
  const [first] = await receiver.take(1);
  await window.see("main .bdg", "Failing");
  await window.see("main .note", "It answers with the status 500");
  receiver.status = 200;
  const [second] = await receiver.take(1);
  assert.equal(second.headers["webhook-id"], first.headers["webhook-id"]);
  assert.equal(new Webhook(secret).verify(second.body, second.headers).data.name, "Bo Lind");
  await window.see("main .bdg", "On");
});

test("an erased person is told of once, by an id", async () => {
  const [marta] = cardfile(window.workspace, "list", "--filter", "email:marta@x.example", "--json").split("\n");
  const { id } = JSON.parse(marta);
  cardfile(window.workspace, "erase", "--subject", "marta@x.example", "--confirm", "marta@x.example");
  const [gone] = await receiver.take(1);
  const { event, data } = new Webhook(secret).verify(gone.body, gone.headers);
  assert.deepEqual([event, data.id, Object.keys(data)], ["contact.deleted", id, ["id", "erasure_id", "requested_at", "basis"]]);
  assert.ok(!gone.body.includes("Marta") && !gone.body.includes("marta@"));
});

test("a file in the drop folder becomes a contact while the window is open", async () => {
  const leads = join(window.folder, "leads");
  mkdirSync(leads);
  await window.click(".conrow", "Drop folder");
  await window.see("main h2", "Drop folder");
  cardfile(window.workspace, "drop", "set", leads);
  writeFileSync(join(leads, "lead.json"), JSON.stringify([{ name: "Clara Sato", email: "clara@x.example" }]));
  await until("the lead", () => cardfile(window.workspace, "list", "--filter", "email:clara@x.example").includes("Clara Sato"));
  await until("the file moved", () => existsSync(join(leads, "imported/lead.json")));
  assert.match(readFileSync(join(leads, "imported/lead.json"), "utf8"), /Clara/);
  const [told] = await receiver.take(1);
  assert.equal(new Webhook(secret).verify(told.body, told.headers).data.name, "Clara Sato");
});
