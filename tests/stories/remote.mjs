// An address book that somebody else keeps: the fake server of the test kit, and what it is told.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { cli, until } from "./window.mjs";

export class FakeRemote {
  static async start() {
    const child = spawn(join(dirname(cli), "cardfile-fake-remote"), [], { stdio: ["ignore", "pipe", "inherit"] });
    const remote = Object.assign(new FakeRemote(), { child });
    process.on("exit", () => remote.close());
    let said = "";
    let failure;
    child.on("error", (error) => { failure = error; });
    child.stdout.setEncoding("utf8").on("data", (text) => { said += text; });
    const address = await until("the address book", () => { if (failure) throw failure; return /listening on (\S+)\n/.exec(said)?.[1]; });
    // It does not keep the stories alive; it ends with them.
    child.unref();
    child.stdout.unref();
    return Object.assign(remote, { url: `http://${address}/` });
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
    return this.#tell("cards", cards);
  }

  /** Somebody else writes other titles into cards that are there: `{href: title}`. */
  async retitle(titles) {
    const { cards } = await this.state();
    return this.put(cards.filter(({ href }) => href in titles).map(({ href, card }) => ({ href, card: card.replace(/TITLE:.*/, `TITLE:${titles[href]}`) })));
  }

  /** Somebody else deletes cards, by their names. */
  delete(hrefs) {
    return this.#tell("delete", hrefs);
  }

  /** How it behaves from now on: `{slow_ms: 30}`; nothing of it with `{}`. */
  habits(habits) {
    return this.#tell("habits", habits);
  }

  async #tell(what, body) {
    const answer = await fetch(`${this.url}control/${what}`, { method: "POST", body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${what}: ${await answer.text()}`);
  }

  close() {
    this.child.kill("SIGKILL");
  }
}
