// The door for other programs, and one program that asks at it.
import { spawn } from "node:child_process";
import { cardfile, cli, until } from "./window.mjs";

export class Door {
  /** Opens it for a program that may do this. */
  static async open(workspace, name, scopes) {
    const { token } = JSON.parse(cardfile(workspace, "token", "create", name, "--scopes", scopes, "--json"));
    const child = spawn(cli, ["--workspace", workspace, "serve", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
    process.on("exit", () => child.kill());
    let [said, failure] = ["", null];
    child.on("error", (error) => { failure = error; });
    child.stdout.setEncoding("utf8").on("data", (text) => { said += text; });
    const line = await until("the address of the door", () => { if (failure) throw failure; return said.includes("\n") && said.split("\n")[0]; });
    return Object.assign(new Door(), { child, token, url: `http://${JSON.parse(line).address}` });
  }

  /** Sends a body to a route; gives the answer. */
  async post(path, body) {
    const headers = { "content-type": "application/json", authorization: `Bearer ${this.token}` };
    const answer = await fetch(`${this.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    return answer.json();
  }

  /** What became of one lead. */
  async lead(body) {
    return (await this.post("/v1/ingest/lead", body)).results?.[0].outcome;
  }

  close() {
    this.child.kill();
  }
}
