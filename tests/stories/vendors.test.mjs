// A vendor's system is connected by its form, and another one by a manifest of one's own: by keyboard
// alone, and with what it cannot do and what is only taken to be so in sight before anything is sent.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { barriers, hands } from "./privacy.mjs";
import { FakeVendor } from "./remote.mjs";
import { cardfile, until, Window } from "./window.mjs";

const person = (n) => ({ external_id: `u-${n}`, name: `Given${n} Family${n}`, email: `p${n}@x.example`, phone: `+346000000${String(n).padStart(2, "0")}` });
const people = (from, to) => Array.from({ length: to - from }, (_, at) => person(from + at));
/** Twenty there and twenty here, sixteen of them the same. */
const THERE = people(0, 20);
const HERE = people(4, 24);
/** Nobody there knows them yet. */
const ONLY_HERE = HERE.slice(16);

/** Of a system that is only read. The last line is wrong. */
const MANIFEST = `format = "cardfile.connector/1"

[connector]
id = "front_desk"
label = "Front desk"
version = 1
assumed = ["it may be asked as often as one likes"]

[[config]]
name = "base_url"
label = "Address"
kind = "url"

[[config]]
name = "token"
label = "Token"
kind = "secret"

[auth]
kind = "header"
header = "api_access_token"
token = "token"

[http]
base = "{config.base_url}"
hosts = ["{config.base_url.host}"]

[identity]
remote_id = "/id"
external_id = "/identifier"

[changes]
mode = "full_scan"

[ops.list]
method = "GET"
path = "api/v1/accounts/1/contacts"
query = { sort = "name" }
items = "/payload"
paging = { kind = "page", param = "page", size = 15, total = "/meta/count" }

[ops.read]
method = "GET"
path = "api/v1/accounts/1/contacts/{remote_id}"
record = "/payload"

[[field]]
local = "name"
remote = "/name"

[[field]]
local = "email"
remote = "/email"

[[field]]
remote = "/phone_number"
codec = "e164"
local = "fax"`;

let window, vendor, press, fill;
const writes = async () => (await vendor.state()).writes;
const shown = (n) => JSON.parse(cardfile(window.workspace, "list", "--filter", `email:p${n}@x.example`, "--json").split("\n")[0]);
/** The dialog that connects, from the palette. */
const connecting = async () => {
  await window.keys("Control+k");
  await window.see(".pal");
  await window.type("Connect a sys");
  await window.see(".pi.on", "Connect a system");
  await window.keys("Enter");
  await window.see("[role=dialog] h2", "Connect");
};
/** Goes down in the list that has the focus, until this is chosen. */
const choose = async (wanted) => {
  const chosen = () => window.run(() => document.activeElement.value);
  for (let at = await chosen(); at !== wanted; ) {
    await window.keys("ArrowDown");
    at = await until(`${wanted} below ${at}`, async () => { const now = await chosen(); return now !== at && now; });
  }
};
/** Nobody is kept out of what is on the screen, in either theme. */
const isOpenToAll = async (name) => {
  await window.pictures(name);
  for (const theme of ["dark", "light"]) {
    await window.theme(theme);
    assert.deepEqual(await barriers(window), [], `${name}, ${theme}`);
  }
};
/** Figures of a list of terms. */
const terms = (selector) => window.run((within) => Object.fromEntries([...document.querySelectorAll(`${within} dl > div`)].map((row) => [row.querySelector("dt").textContent, row.querySelector("dd").textContent])), selector);

before(async () => {
  vendor = await FakeVendor.start("chatwoot");
  await vendor.put(THERE);
  window = await Window.unprotected();
  ({ press, fill } = hands(window));
  const file = join(window.folder, "customers.csv");
  const line = (one) => `${one.name},${one.email},${ONLY_HERE.includes(one) ? one.phone : ""},${one.external_id}\n`;
  writeFileSync(file, `name,email,phone,external_id\n${HERE.map(line).join("")}`);
  cardfile(window.workspace, "import", file);
  await window.see(".status", "20 contacts");
});
after(async () => {
  await window?.close();
  vendor?.close();
});

test("the form says what the vendor cannot do and asks about what is only taken to be so", async () => {
  await connecting();
  await choose("chatwoot");
  for (const said of ["It compares no versions", "It cannot say what changed", "It does not say what was deleted"]) await window.see("[role=dialog] .conknown li", said);
  await window.see("[role=dialog] .conknown li", "3,000 requests a minute are allowed");
  await window.see("[role=dialog] .conknown .mono", "app.chatwoot.com");
  await fill("Address of the server", vendor.settings.base_url);
  // Whom it talks to follows what is typed.
  await window.see("[role=dialog] .conknown .mono", new URL(vendor.settings.base_url).host);
  await fill("Access token of a user", "not-this-one");
  await fill("Number of the account", vendor.settings.account);
  await fill("Number of the inbox for new contacts", vendor.settings.inbox);
  await press("More to fill in");
  await window.see("[role=dialog] label", "The vendor does not document it.");
  await fill("Requests a minute", "600");
  await fill("Name of the connection", "Support desk");
  await isOpenToAll("vendor-form");
});

test("a wrong token keeps nothing, and the right one connects and only looks", async () => {
  await window.keys("Enter");
  await window.see("[role=dialog] [role=alert]", "The server does not accept the user or the password");
  assert.equal(cardfile(window.workspace, "remote", "list"), "");
  await fill("Access token of a user", vendor.settings.token);
  await window.keys("Enter");
  await window.see(".toast", "Support desk is connected. Nothing was synced yet.");
  await window.gone("[role=dialog]");
  await window.see("main h2", "Support desk");
  await window.see("main .bdg", "Not on yet");
  await window.see("[aria-labelledby=vendor-title] li", "It compares no versions");
  await window.see("[aria-labelledby=vendor-title] .mono", new URL(vendor.settings.base_url).host);
  await window.see("[aria-labelledby=preflight-title] .t28", "80");
  await window.see("[aria-labelledby=preflight-title]", "of 20 records are of people you already have");
  assert.equal(await writes(), 0);
  assert.ok(!cardfile(window.workspace, "remote", "list", "--json").includes(vendor.settings.token), "a secret is shown to nobody");
});

test("phones are mapped to come and never to leave", async () => {
  await press("Field map");
  await window.see("main[aria-label='Field map'] tbody tr", "Phone");
  await window.see("main[aria-label='Field map'] footer", "not approved");
  await window.reach("Direction of Phone");
  await choose("pull");
  await press("Approve all that wait");
  await window.see("[role=status]", "changes, not saved");
  await isOpenToAll("vendor-map");
  await window.keys("Control+Enter");
  await window.see(".toast", "The field map of Support desk is saved");
  assert.match(cardfile(window.workspace, "remote", "list"), /sends email, name; receives email, name, phone/);
  await window.run(() => document.querySelector(".crumb").focus());
  await window.keys("Enter");
  await window.see("h1", "Connections");
});

test("the match adds up, the review says yes, and it is turned on", async () => {
  await press("Look now");
  await window.see("[aria-labelledby=preflight-title] .t28", "80");
  const bars = await window.run(() => [...document.querySelectorAll(".conbars li")].map((row) => row.querySelector(".w5, .w6").textContent));
  assert.deepEqual(bars, ["16", "0", "4", "20"]);
  const review = await window.run(() => [...document.querySelectorAll(".conreview [role=img]")].map((mark) => mark.getAttribute("aria-label")));
  assert.deepEqual(review, ["met", "met", "met", "met"]);
  await isOpenToAll("vendor");
  await press("Turn on");
  await window.see(".toast", "Support desk is on");
  await window.see("[aria-labelledby=review-title] footer", "It is on: runs may write");
  assert.equal(await writes(), 0);
});

test("a run is looked at first, and then does what it said", async () => {
  await press("Preview");
  await window.see("[aria-labelledby=preview-title]", "Nothing written");
  const would = await terms("[aria-labelledby=preview-title]");
  assert.deepEqual(["New contacts here", "Contacts to the bin", "New records there", "Records deleted there"].map((label) => would[label]), ["4", "0", "4", "0"]);
  assert.equal(await writes(), 0);
  await window.pictures("vendor-preview");
  await press("Sync now, ");
  await window.see(".toast", "Synced with Support desk");
  await window.see(".status", "24 contacts");
  await window.see(".conruns", "Done");
  const there = (await vendor.state()).people;
  assert.equal(there.length, 24);
  const made = ONLY_HERE.map(({ email }) => there.find((one) => one.email === email));
  assert.deepEqual(made.map(({ name, phone }) => [name, phone]), ONLY_HERE.map(({ name }) => [name, ""]), "the phones stayed here");
  assert.equal(shown(5).phone[0].value, person(5).phone, "and those of there came");
  const before = await writes();
  const run = JSON.parse(cardfile(window.workspace, "sync", "Support desk", "--json"));
  assert.deepEqual([run.created, run.deleted, run.conflicts, await writes()], [0, 0, 0, before], "then both are at rest");
});

test("a manifest of one's own says where its fault is, and connects once that is mended", async () => {
  const before = await writes();
  await connecting();
  await choose("own");
  await fill("The text of the manifest", MANIFEST.replaceAll("\n", "\uE007"));
  await press("Look");
  await window.see("[role=dialog] [role=alert]", `line ${MANIFEST.split("\n").length}, column 1: field[2].local: there are name, nick, email`);
  await isOpenToAll("manifest-fault");
  await window.reach("The text of the manifest");
  await window.keys("Control+End", ...Array(4).fill("Backspace"));
  await window.type('phone"');
  await press("Look");
  for (const said of ["It lets no program delete", "it may be asked as often as one likes"]) await window.see("[role=dialog] .conknown li", said);
  // The keyboard is in its form already.
  await until("the first field", () => window.run(() => document.activeElement.getAttribute("aria-label") === "Address"));
  await window.type(vendor.settings.base_url);
  await fill("Token", vendor.settings.token);
  await isOpenToAll("manifest");
  await window.keys("Enter");
  await window.see(".toast", "Front desk is connected. Nothing was synced yet.");
  await window.gone("[role=dialog]");
  await window.see("main h2", "Front desk");
  await window.see(".conrow.on", "in only, 3 fields");
  await window.see("[aria-labelledby=preflight-title] .t28", "100");
  await window.see("[aria-labelledby=preflight-title]", "of 24 records are of people you already have");
  assert.match(cardfile(window.workspace, "remote", "list"), /sends nothing; receives email, name, phone/);
  assert.equal(await writes(), before);
});
