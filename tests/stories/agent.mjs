// An agent as it talks with our program: one JSON object a line, over the standard streams.
import { spawn } from "node:child_process";
import { cli, until } from "./window.mjs";

export class Agent {
  /** Starts the program for a client, and says hello. */
  static async start(workspace, client) {
    const child = spawn(cli, ["--workspace", workspace, "mcp", "--client", client], { stdio: ["pipe", "pipe", "inherit"] });
    const agent = Object.assign(new Agent(), { child, asked: 0, answers: new Map(), rest: "" });
    process.on("exit", () => child.kill());
    child.on("error", (error) => { agent.failure = error; });
    child.stdout.setEncoding("utf8").on("data", (text) => agent.#hear(text));
    await agent.ask("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "a story", version: "1" } });
    agent.#say({ method: "notifications/initialized" });
    return agent;
  }

  #hear(text) {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop();
    for (const line of lines.filter(Boolean)) {
      const told = JSON.parse(line);
      this.answers.set(told.id, told);
    }
  }

  #say(message) {
    this.child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }

  /** One request, and its answer. */
  async ask(method, params) {
    const id = ++this.asked;
    this.#say({ id, method, params });
    return until(`the answer to ${method}`, () => { if (this.failure) throw this.failure; return this.answers.get(id); });
  }

  /** What a tool gives: the data, or the error inside of it. */
  async tool(name, args = {}) {
    return (await this.ask("tools/call", { name, arguments: args })).result.structuredContent;
  }

  close() {
    this.child.stdin.end();
  }
}
