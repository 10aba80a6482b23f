// The receiver of a chat widget: it serves the page, takes what visitors write, and tells Cardfile
// on the same computer. The token stays here: a page never has it, and Cardfile lets no page in.
//
//   cardfile token create widget --scopes ingest
//   cardfile serve --port 8123
//   CARDFILE_TOKEN=… node receiver.mjs
//
// No packages. Put it behind a web server of yours that speaks TLS.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const { CARDFILE_URL = "http://127.0.0.1:8123", CARDFILE_TOKEN, PORT = "8080" } = process.env;
const page = readFileSync(new URL("widget.html", import.meta.url));
/** Bytes of what a page may send. */
const LONGEST = 16 << 10;
/** What a visitor may say, and how long each of it may be. Nothing else is passed on. */
const SAID = { name: 200, email: 254, message: 4000, session_key: 64, conversation_id: 64, at: 40 };

/** What of a body is passed on; nothing when it makes no sense. */
function said(body) {
  const told = {};
  for (const [name, most] of Object.entries(SAID)) {
    const value = body[name];
    if (value === undefined) continue;
    if (typeof value !== "string" || value.length > most) return null;
    if (value.trim()) told[name] = value.trim();
  }
  return told;
}

/** What the page sends, as Cardfile takes it. */
const ROUTES = {
  // Somebody says who they are, and whether that may be kept.
  "/lead": (told, body) => {
    const { conversation_id, ...lead } = told;
    return ["lead", { ...lead, consent_given: body.consent === true }];
  },
  // Somebody writes.
  "/message": ({ message, ...told }) => {
    if (!message || !told.at) return null;
    // The page says when, so that what it sends again under its key is the same request.
    return ["event", { ...told, messages: [{ role: "contact", text: message, at: told.at }] }];
  },
};

async function read(request) {
  let size = 0;
  const parts = [];
  for await (const part of request) {
    size += part.length;
    if (size > LONGEST) return null;
    parts.push(part);
  }
  try {
    const body = JSON.parse(Buffer.concat(parts).toString("utf8"));
    return typeof body === "object" && body !== null ? body : null;
  } catch {
    return null;
  }
}

async function tell(route, record, key) {
  const answer = await fetch(`${CARDFILE_URL}/v1/ingest/${route}`, {
    method: "POST",
    headers: { authorization: `Bearer ${CARDFILE_TOKEN}`, "content-type": "application/json", "idempotency-key": key },
    body: JSON.stringify(record),
  });
  return answer.status;
}

async function answer(request) {
  const { pathname } = new URL(request.url, "http://here");
  if (request.method === "GET" && pathname === "/") return [200, page, "text/html; charset=utf-8"];
  const route = request.method === "POST" && ROUTES[pathname];
  if (!route) return [404, ""];
  // A page of another site does not write here.
  const origin = request.headers.origin;
  if (!origin || new URL(origin).host !== request.headers.host) return [403, ""];
  if (request.headers["content-type"] !== "application/json") return [415, ""];
  const body = await read(request);
  const told = body && said(body);
  const made = told && route(told, body);
  if (!made || typeof body.key !== "string" || !/^[\w-]{8,64}$/.test(body.key)) return [422, ""];
  const [kind, record] = made;
  const source = { source: "widget", platform: "widget", page_url: request.headers.referer ?? origin };
  try {
    const status = await tell(kind, { ...source, ...record }, body.key);
    // The visitor learns whether it arrived, and nothing of who is known here.
    if (status < 300) return [204, ""];
    return [status === 422 ? 422 : 503, ""];
  } catch {
    return [503, ""];
  }
}

const server = createServer(async (request, response) => {
  const [status, body, kind] = await answer(request).catch(() => [400, ""]);
  const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'";
  const headers = { "cache-control": "no-store", "x-content-type-options": "nosniff", "content-security-policy": policy };
  response.writeHead(status, kind ? { ...headers, "content-type": kind } : headers).end(body);
});
server.listen(Number(PORT), "127.0.0.1", () => console.log(`listening on 127.0.0.1:${server.address().port}`));
