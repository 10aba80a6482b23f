// Every screen with something on it, one after the other: each begins where the one before ended.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Agent } from "./agent.mjs";
import { Door } from "./door.mjs";
import { FakeRemote, FakeVendor } from "./remote.mjs";
import { cardfile, project, Window } from "./window.mjs";

/** A window with people, conversations, duplicates and mail, in a language if not in English. */
export async function furnished(language) {
  const window = await Window.unprotected();
  await window.click("button", "Load sample data");
  await window.see("[role=row] bdi");
  const chats = join(window.folder, "chats.ndjson");
  writeFileSync(chats, `${JSON.stringify({ platform: "widget", page_url: "/prices", messages: [{ role: "contact", text: "Hello?", at: "2026-11-20T10:00:00Z" }, { role: "agent", author: "Bot", text: "Hello.", at: "2026-11-20T10:00:05Z" }] })}\n`);
  cardfile(window.workspace, "conversation", "import", chats);
  const twice = join(window.folder, "twice.csv");
  writeFileSync(twice, "name,email,company,external_id:hubspot\nAna Prueba,ana@dup.example,Dup,1\n\"Prueba, Ana\",ana@dup.example,Dup Ltd,2\n");
  cardfile(window.workspace, "import", twice);
  writeFileSync(join(window.folder, "in.mbox"), "From x\nFrom: Ana <ana@x.example>\n\nHi\n\nFrom x\nFrom: no-reply@y.example\n\nHi\n");
  hooked(window);
  await connected(window);
  await described(window);
  asked(window);
  await agents(window);
  await heard(window);
  if (language) await window.speak(language);
  return window;
}

/** An address book with a job title that both sides changed, a record under another ID and one that cannot be read; its server ends with the process. */
async function connected(window) {
  const remote = await FakeRemote.start();
  const people = (title) => [1, 2].map((n) => ({ href: `${n}.vcf`, card: `BEGIN:VCARD\r\nVERSION:3.0\r\nUID:r-${n}\r\nFN:Rosa ${n}\r\nEMAIL:r${n}@x.example\r\nTITLE:${title}\r\nEND:VCARD\r\n` }));
  await remote.put(people("Buyer"));
  cardfile(window.workspace, "remote", "add", "Customers", "--kind", "carddav", "--url", remote.url);
  cardfile(window.workspace, "remote", "map", "Customers", "--send", "name,job_title", "--off", "nick");
  cardfile(window.workspace, "remote", "enable", "Customers");
  cardfile(window.workspace, "sync", "Customers");
  cardfile(window.workspace, "bulk", "--filter", "email:r1@x.example", "set", "job_title", "Owner");
  const [first, second] = people("Head of sales");
  await remote.put([first, { ...second, card: second.card.replace("UID:r-2", "UID:rosa-2") }, { href: "9.vcf", card: second.card.replace("UID:r-2", "UID:r-9").replace("r2@x.example", "nowhere") }]);
  cardfile(window.workspace, "sync", "Customers");
}

/** A vendor's system, connected by its form and never run; it ends with the process too. */
async function described(window) {
  const { settings } = await FakeVendor.start("chatwoot");
  const fields = Object.entries(settings).flatMap(([name, value]) => ["--field", `${name}=${value}`]);
  cardfile(window.workspace, "remote", "add", "Support desk", "--kind", "chatwoot", ...fields);
}

/** What people demand and agreed to: a request at each of three steps, purposes, a hold, a rule, and somebody who was erased. */
function asked(window) {
  const told = (...args) => cardfile(window.workspace, ...args).trim();
  const people = join(window.folder, "asked.csv");
  writeFileSync(people, "name,email,phone\nIris Vale,iris@p.example,+34 611 000 001\nOtto Vale,otto@p.example,\nGone Vale,gone@p.example,\n");
  told("import", people);
  told("note", "add", "iris@p.example", "Asks about Otto Vale, otto@p.example");
  told("note", "add", "iris@p.example", "Not for her", "--internal");
  told("purpose", "put", "newsletter", "--name", "Our newsletter", "--marketing", "true");
  const text = join(window.folder, "wording.txt");
  writeFileSync(text, "May we write to you?");
  told("purpose", "wording", "newsletter", text);
  told("consent", "give", "iris@p.example", "newsletter", "--channel", "paper", "--proof", "form 17");
  told("restriction", "put", "iris@p.example", "held", "Invoice 17 is open");
  told("retention", "put", "Quiet for a century", "--what", "contacts", "--days", "36500");
  told("processing", "controller", "--name", "Harbour & Vale");
  told("request", "add", "rectification", "otto@p.example", "--name", "Otto Vale", "--note", "His name has two t");
  told("request", "identity", told("request", "add", "access", "iris@p.example", "--name", "Iris Vale"), "signed in");
  const erasure = told("request", "add", "erasure", "otto@p.example", "--name", "Otto the second");
  told("request", "identity", erasure, "signed in");
  told("request", "approve", erasure);
  told("erase", "--subject", "gone@p.example", "--confirm", "gone@p.example");
}

/** A program that is told of changes and does not answer. */
function hooked(window) {
  cardfile(window.workspace, "webhook", "add", "Sales CRM", "--url", "http://127.0.0.1:9/catch");
  cardfile(window.workspace, "webhook", "set", "Sales CRM", "--send", "name,email");
  cardfile(window.workspace, "webhook", "on", "Sales CRM");
}

/** What a form told of somebody who has the phone of a card. */
async function heard(window) {
  const door = await Door.open(window.workspace, "form", "ingest");
  await door.lead({ source: "form", name: "I. Vale", phone: "+34 611 000 001", email: "vale@p.example" });
  door.close();
}

/** A client that asked for somebody, and proposed something. */
async function agents(window) {
  cardfile(window.workspace, "agent", "approve", "Sales assistant", "--staff", "--fields", "name,company,email", "--reason", "the screens show it");
  const agent = await Agent.start(window.workspace, "Sales assistant");
  await agent.tool("get_contact_context", { user_id: "iris@p.example" });
  await agent.tool("remember", { text: "Asks about Otto Vale" });
  agent.close();
}

/** The screens by name, each with the way to it. */
export function screensOf(window) {
  /** Another kind in the dialog that connects. */
  const kind = (name) => window.run((wanted) => { const list = document.querySelector(".conkind select"); list.value = wanted; list.dispatchEvent(new Event("change", { bubbles: true })); }, name);
  /** By script: in a narrow panel a tab may stand outside of what is seen. */
  const tab = (name) => window.run((wanted) => [...document.querySelectorAll("[role=tab]")].find((one) => one.textContent.replace(/[\u0301·]/g, "").startsWith(wanted)).click(), name);
  return {
    contacts: async () => { await window.keys("g", "c"); await window.see("[role=row] bdi"); },
    "contacts with a card": async () => { await window.click("[role=row] .nm"); await window.see(".panel .tl li"); },
    "notes of a card": async () => { await tab("Notes"); await window.see(".writer textarea"); await window.run(() => document.querySelector(".writer textarea").focus()); await window.type("Calls before ten"); await window.keys("Control+Enter"); await window.see("#part-panel .ptext"); },
    "tasks of a card": async () => { await tab("Tasks"); await window.see(".writer select"); },
    "files of a card": async () => { await tab("Files"); await window.see("[aria-label='Name of a new space']"); await window.run(() => document.querySelector("[aria-label='Name of a new space']").focus()); await window.type("Offers"); await window.keys("Enter"); await window.see(".space h3", "Offers"); },
    "ratings of a card": async () => { await tab("Ratings"); await window.see("[aria-label='Rating']"); },
    "secrets of a card": async () => { await tab("Secrets"); await window.see("#part-panel .note", "no protection"); },
    "access of a card": async () => { await tab("Access"); await window.see("#part-panel .pad", "nowledge base"); },
    "privacy of a card": async () => { await tab("Privacy"); await window.see(".pvperson", "Our newsletter"); },
    "JSON of a card": async () => { await tab("JSON"); await window.see("#part-panel pre", "created_at"); },
    "linking a card": async () => { await window.click("button", "Link to"); await window.see("[role=dialog]", "Link"); },
    "an external ID": async () => { await window.keys("Escape"); await window.gone("[role=dialog]"); await window.run(() => { const list = document.querySelector("select[aria-label='Add a field']"); list.value = "external_id"; list.dispatchEvent(new Event("change", { bubbles: true })); }); await window.see("[role=dialog]", "external ID"); },
    "contacts selected": async () => { await window.keys("Escape"); await window.gone("[role=dialog]"); await window.run(() => document.querySelector("[role=grid]").focus()); await window.keys("Space"); await window.see(".float"); },
    "a range of cells": async () => { await window.keys("Escape"); await window.gone(".float"); await window.run(() => document.querySelector("[role=grid]").focus()); const on = (await window.run(() => document.documentElement.dir === "rtl")) ? "ArrowLeft" : "ArrowRight"; await window.keys(on, on, "Shift+ArrowDown"); await window.see(".incell"); },
    "a cell being edited": async () => { await window.keys("Enter"); await window.see(".cellin"); await window.keys("Escape"); await window.keys("Escape"); },
    "contacts, nobody found": async () => { await window.keys("Escape"); await window.keys("/"); await window.type("zzzz"); await window.see(".empty"); },
    "new contact": async () => { await window.click("button", "Show everybody"); await window.see("[role=grid]"); await window.keys("n"); await window.see(".dlg"); },
    palette: async () => { await window.keys("Escape"); await window.gone(".dlg"); await window.keys("Control+k"); await window.see(".pal"); },
    keys: async () => { await window.keys("Escape"); await window.gone(".pal"); await window.keys("Shift+?"); await window.see(".keys"); },
    "imports, empty": async () => { await window.keys("Escape"); await window.gone(".keys"); await window.keys("g", "m"); await window.see(".empty"); },
    import: async () => { await window.drop(join(project, "tests/fixtures/csv/google.csv")); await window.see(".card", "Adds up"); },
    inbox: async () => { await window.keys("g", "i"); await window.see(".whois"); await window.see(".tmsg"); },
    "duplicates, nobody looked": async () => { await window.click(".inlist .seg button", "Duplicates"); await window.see(".empty", "Not looked for"); },
    duplicates: async () => { await window.click(".empty button", "Find duplicates"); await window.see("[aria-label=Reasons]"); },
    "merging two cards": async () => { await window.click("button", "Compare and merge"); await window.see(".act .btn.pri:not(:disabled)", "Merge into"); },
    "texts found": async () => { await window.keys("Escape"); await window.see(".insearch"); await window.run(() => document.querySelector(".insearch input").focus()); await window.type("hello"); await window.see(".hits mark"); },
    mail: async () => { await window.drop(join(window.folder, "in.mbox")); await window.see(".mailtbl tr", "left out"); },
    "a conflict": async () => { await window.keys("g", "i"); await window.click(".inlist .seg button", "Conflicts"); await window.see(".cfgrid"); await window.keys("3"); await window.see(".cfresult"); },
    "a rule before it is kept": async () => { await window.keys("a"); await window.see("[role=dialog] .cfruled td"); },
    "a record under another ID": async () => { await window.keys("Escape"); await window.gone("[role=dialog]"); await window.click(".cfrow .in", "Another ID"); await window.see(".cfids"); },
    "a record set aside": async () => { await window.click(".inlist .seg button", "Not taken"); await window.see("pre.cfraw", "BEGIN"); },
    connections: async () => { await window.keys("g", "o"); await window.see(".conrow.on"); await window.see(".conruns tbody tr"); },
    "records compared": async () => { await window.click("button", "Look now"); await window.see("[aria-labelledby=preflight-title] .t28"); },
    "a run before it is made": async () => { await window.click(".conhead button", "Preview"); await window.see("[aria-labelledby=preview-title]"); },
    "a field map": async () => { await window.click(".conhead button", "Field map"); await window.see(".conmap tbody tr"); },
    connecting: async () => { await window.click(".crumb", "Connections"); await window.click(".conside .head button", "Connect"); await window.see("[role=dialog]", "Address of the server"); await window.keys("Escape"); await window.gone("[role=dialog]"); },
    "a vendor's form": async () => { await window.click(".conside .head button", "Connect"); await window.see("[role=dialog] .conkind"); await kind("chatwoot"); await window.see("[role=dialog] .conknown li"); await window.click("[role=dialog] .linkb", "More to fill in"); await window.see("[role=dialog] .linkb", "Less to fill in"); },
    "a manifest with a fault": async () => { await kind("own"); await window.see("[role=dialog] textarea"); await window.run(() => document.querySelector("[role=dialog] textarea").focus()); await window.type("[connector]"); await window.click("[role=dialog] footer .pri", "Look"); await window.see("[role=dialog] [role=alert]", "line 1"); },
    "a vendor's system": async () => { await window.keys("Escape"); await window.gone("[role=dialog]"); await window.click(".conrow", "Support desk"); await window.see("[aria-labelledby=vendor-title] .conknown li"); },
    "settings of a vendor's system": async () => { await window.click("[aria-labelledby=vendor-title] button", "Settings"); await window.see("[role=dialog] h2", "Support desk"); },
    "a webhook": async () => { await window.keys("Escape"); await window.gone("[role=dialog]"); await window.click(".conrow", "Sales CRM"); await window.see(".hooklog tbody tr"); },
    "adding a webhook": async () => { await window.click(".consub button", "Webhook"); await window.see("[role=dialog]", "Add a webhook"); await window.keys("Escape"); await window.gone("[role=dialog]"); },
    "the drop folder": async () => { await window.click(".conrow", "Drop folder"); await window.see("main h2", "Drop folder"); },
    hints: async () => { await window.click(".conrow", "Hints"); await window.see("main h2", "Hints"); },
    agents: async () => { await window.keys("g", "a"); await window.see(".agpreview pre", "contact"); await window.see(".agproposals li"); await window.see(".agcalls tbody tr"); },
    "what a client may": async () => { await window.click("[aria-labelledby=aggrant] button", "Change"); await window.see("[role=dialog] .agtools"); },
    "configuration of a client": async () => { await window.keys("Escape"); await window.gone("[role=dialog]"); await window.click(".aghead button", "Copy configuration"); await window.see(".agsnippet"); },
    "a new client": async () => { await window.keys("Escape"); await window.gone("[role=dialog]"); await window.click("button[aria-label='New client']"); await window.see(".agpick"); },
    "a proposal": async () => { await window.keys("Escape"); await window.gone("[role=dialog]"); await window.keys("g", "i"); await window.click(".inlist .seg button", "Proposals"); await window.see("[aria-labelledby=proposal-title]"); },
    "a lead": async () => { await window.click(".inlist .seg button", "Leads"); await window.see("[aria-labelledby=told-title]"); await window.see(".whois .pickb.on"); },
    history: async () => { await window.keys("g", "h"); await window.see(".op"); },
    "bin, empty": async () => { await window.keys("g", "b"); await window.see(".empty"); },
    exports: async () => { await window.keys("g", "e"); await window.see(".firstlines", "id,name"); },
    "exports by a recipe": async () => { await window.see('[aria-label="Start from a recipe"] option[value="Mail merge"]'); await window.run(() => { const list = document.querySelector('[aria-label="Start from a recipe"]'); list.value = "Mail merge"; list.dispatchEvent(new Event("change", { bubbles: true })); }); await window.see(".firstlines", "Full name"); },
    "privacy, requests": async () => { await window.keys("g", "p"); await window.click(".pvnav button", "Requests"); await window.see(".pvrow", "Iris Vale"); },
    "a new request": async () => { await window.click(".head button", "New request"); await window.see("[role=dialog] select"); },
    "a request, who asks": async () => { await window.keys("Escape"); await window.gone("[role=dialog]"); await window.click(".pvrow", "Otto Vale"); await window.see(".pvgrounds"); },
    "refusing a request": async () => { await window.click("form .btn", "Refuse"); await window.see("[role=dialog] .pvgrounds"); },
    "a request, its cards": async () => { await window.keys("Escape"); await window.gone("[role=dialog]"); await window.click(".main .head button", "Requests"); await window.click(".pvrow", "Iris Vale"); await window.see(".pvcards input:checked"); },
    "a request, its review": async () => { await window.click(".pvsteps button", "Review"); await window.see(".pvcover tbody tr"); await window.see(".pvthird li"); },
    "a letter": async () => { await window.click(".pvletters button", "Acknowledgement"); await window.see("[role=dialog] textarea"); },
    "an erasure before it is done": async () => { await window.keys("Escape"); await window.gone("[role=dialog]"); await window.click(".main .head button", "Requests"); await window.click(".pvrow", "Otto the second"); await window.see("[aria-labelledby=erase-title]"); },
    "confirming an erasure": async () => { await window.click("[aria-labelledby=erase-title] .btn", "Erase"); await window.see("[role=dialog] input"); },
    "purposes": async () => { await window.keys("Escape"); await window.gone("[role=dialog]"); await window.click(".pvnav button", "Purposes"); await window.see(".pvitem", "Our newsletter"); await window.click(".pvitem", "Our newsletter"); await window.see("[aria-labelledby=wordings-title] .pvtext"); },
    "a new purpose": async () => { await window.click(".head button", "New purpose"); await window.see("form h3", "New purpose"); },
    "consent of a person": async () => { await window.run(() => document.querySelector(".pvfind input").focus()); await window.type("iris@p.example"); await window.click(".pvwho", "Iris Vale"); await window.see(".pvperson .seg"); },
    "restrictions and holds": async () => { await window.click(".pvnav button", "Restrictions"); await window.see(".pvwide tbody tr", "Invoice 17"); },
    "lifting a hold": async () => { await window.click(".pvwide .btn", "Lift"); await window.see("[role=dialog] input"); },
    "erasures": async () => { await window.keys("Escape"); await window.gone("[role=dialog]"); await window.click(".pvnav button", "Erasures"); await window.see(".pvplaces li"); },
    "retention": async () => { await window.click(".pvnav button", "Retention"); await window.see("[aria-labelledby=would-title] dl"); },
    "turning a retention rule on": async () => { await window.click("form footer .btn", "Turn on"); await window.see("[role=dialog] input"); },
    "processing register": async () => { await window.keys("Escape"); await window.gone("[role=dialog]"); await window.click(".pvnav button", "Processing"); await window.see("[aria-labelledby=missing-title] li"); },
    "audit log": async () => { await window.click(".pvnav button", "Audit"); await window.see(".pvaudit tbody tr"); await window.click("button", "Check the log"); await window.see(".note.ok"); },
    breach: async () => { await window.click(".pvnav button", "Breach"); await window.see("form select"); },
    "lifecycle, no rules": async () => { await window.keys("g", "l"); await window.see(".lane .lcard"); await window.see(".empty", "No rules yet"); },
    "templates of rules": async () => { await window.click("button", "Templates"); await window.see(".tpl button"); },
    "a rule": async () => { await window.click(".tpl button", "Qualified after"); await window.see(".dry .t28"); },
    insights: async () => { await window.keys("g", "n"); await window.see(".kpi", "Contacts"); await window.see(".gline"); },
    "insights as table": async () => { await window.click(".head button", "As table"); await window.see(".itables td"); },
    "filter panel": async () => { await window.keys("g", "c"); await window.see("[role=grid]"); await window.keys("f"); await window.see(".pop .cond"); },
    "a filter with a group": async () => { await window.click(".pop button", "Group"); await window.see(".fgroup.sub"); },
    "saving a view": async () => { await window.keys("Escape"); await window.gone(".filterpop"); await window.run(() => document.querySelector("[role=grid]").focus()); await window.keys("Control+s"); await window.see("[role=dialog]", "Save as view"); },
    "a saved view": async () => { await window.type("Everybody"); await window.keys("Enter"); await window.see("h1", "Everybody"); },
    "about a view": async () => { await window.click(".head button", "About this view"); await window.see("[role=dialog]", "never looked at"); },
    "column chooser": async () => { await window.keys("Escape"); await window.gone("[role=dialog]"); await window.click("button[aria-label='Columns']"); await window.see(".chooser"); },
    "a card as a page": async () => { await window.keys("Escape"); await window.click("[role=row] .nm"); await window.click("button[aria-label='Open as a page']"); await window.see(".card-page .tl li"); },
    workspaces: async () => { await window.click(".ws"); await window.see(".wsmenu [aria-current]"); },
    settings: async () => { await window.keys("Escape"); await window.gone(".wsmenu"); await window.keys("g", "s"); await window.see(".setnav button.on", "General"); },
    "settings, keyboard": async () => { await window.click(".setnav button", "Keyboard"); await window.see("td", "New contact"); },
    "settings, fields": async () => { await window.click(".setnav button", "Fields"); await window.see("td .fedit"); },
    "settings, tags": async () => { await window.click(".setnav button", "Tags"); await window.see("td .fedit"); },
    "settings, permissions": async () => { await window.click(".setnav button", "Permissions"); await window.see("h3", "Knowledge bases"); },
    "settings, protection": async () => { await window.click(".setnav button", "Protection"); await window.see("td", "Recovery code"); },
    "settings, backups": async () => { await window.click(".setnav button", "Backup"); await window.see("h3", "Backups"); },
    "settings, about": async () => { await window.click(".setnav button", "Diagnostics"); await window.see(".firstlines", "Schema"); },
  };
}

/** Goes to the screens in their order. Each begins where the one before ended: when one is not reached, those after it are not waited for. */
export function walk() {
  let lost = null;
  return async (window, name) => {
    if (lost) throw new Error(`not reached, because “${lost}” was not`);
    lost = name;
    await screensOf(window)[name]();
    lost = null;
  };
}
