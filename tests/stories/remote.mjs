// What somebody else keeps, an address book or a vendor's system: fakes of the test kit, and what they are told.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { cli, until } from "./window.mjs";

/** Starts a fake; gives its process and what it says of where it listens. */
async function begin(what, ...args) {
  const child = spawn(join(dirname(cli), "cardfile-fake-remote"), args, { stdio: ["ignore", "pipe", "inherit"] });
  process.on("exit", () => child.kill("SIGKILL"));
  let said = "";
  let failure;
  child.on("error", (error) => { failure = error; });
  child.stdout.setEncoding("utf8").on("data", (text) => { said += text; });
  const [, address, told] = await until(what, () => { if (failure) throw failure; return /^listening on ([^\s,]+)(?:, told at (\S+))?\n/.exec(said); });
  // It does not keep the stories alive; it ends with them.
  child.unref();
  child.stdout.unref();
  return { child, address, told };
}

async function tell(url, what, body) {
  const answer = await fetch(`${url}control/${what}`, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${what}: ${await answer.text()}`);
}

/** An address book. */
export class FakeRemote {
  static async start() {
    const { child, address } = await begin("the address book");
    return Object.assign(new FakeRemote(), { child, url: `http://${address}/` });
  }

  /** What it holds: `cards` with `href` and `card`, how many `writes` came, all `requests`. */
  async state() {
    return (await fetch(`${this.url}control/state`)).json();
  }

  /** The text of a card, by its name. */
  async card(href) {
    return (await this.state()).cards.find((one) => one.href === href)?.card;
  }

  /** Somebody else puts cards there: `[{href, card}]`. */
  put(cards) {
    return tell(this.url, "cards", cards);
  }

  /** Somebody else writes other titles into cards that are there: `{href: title}`. */
  async retitle(titles) {
    const { cards } = await this.state();
    return this.put(cards.filter(({ href }) => href in titles).map(({ href, card }) => ({ href, card: card.replace(/TITLE:.*/, `TITLE:${titles[href]}`) })));
  }

  /** Somebody else deletes cards, by their names. */
  delete(hrefs) {
    return tell(this.url, "delete", hrefs);
  }

  /** How it behaves from now on: `{slow_ms: 30}`; nothing of it with `{}`. */
  habits(habits) {
    return tell(this.url, "habits", habits);
  }

  close() {
    this.child.kill("SIGKILL");
  }
}

/** The system of a vendor, by the kind of its connector. */
export class FakeVendor {
  static async start(kind) {
    const { child, told } = await begin(`the fake of ${kind}`, "--vendor", kind);
    const door = `http://${told}/`;
    /** What its form is filled in with, by the names of the fields. */
    const settings = await (await fetch(`${door}control/settings`)).json();
    return Object.assign(new FakeVendor(), { child, door, settings });
  }

  /** `people` as they are there, how many `writes` came, all `requests`. */
  async state() {
    return (await fetch(`${this.door}control/state`)).json();
  }

  /** Somebody else types people in: `[{external_id, name, email, phone}]`. */
  put(people) {
    return tell(this.door, "people", people);
  }

  close() {
    this.child.kill("SIGKILL");
  }
}
