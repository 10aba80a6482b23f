import { i18n } from "@lingui/core";
import { beforeAll, describe, expect, it } from "vitest";
import type { AgentCallView, AgentParts, ApprovableView } from "../../api/generated/commands";
import { messages } from "../../text/en.po";
import { isSame, leftWords, onto, resultWord } from "./words";

beforeAll(() => i18n.loadAndActivate({ locale: "en", messages }));

const call = (part: Partial<AgentCallView>): AgentCallView => ({ call: 1, at: "2026-11-21T09:00:00Z", client: "Bot", tool: "get_contact_context", contact: null, name: "", result: "ok", fields: [], items: 0, bytes: 0, why: null, ...part });
const memories: ApprovableView = { key: "memories", label: { template: "Memories", arguments: {} }, class: "about", standard: false, parts: true };
const client: AgentParts = { id: "agc_1", name: "Bot", sort: "customer", fields: ["name", "company"], tools: [], purpose: "", actions: [], always: [], perMinute: 60, grantMinutes: 60, expiresAt: null };

describe("a call in words", () => {
  it.each([
    [{ fields: ["name", "company"] }, "2 fields", "name, company"],
    [{ fields: ["name", "nick", "company", "tier", "stage", "custom.plan"] }, "6 fields", "name, nickname, company, access tier and 2 more"],
    [{ tool: "search_memories", fields: ["memories"], items: 3 }, "3 memories", "memories"],
    [{ tool: "identify" }, "verified", "nothing of the card"],
    [{ tool: "remember", result: "proposal" as const }, "proposal", "waits for you"],
    [{ result: "refused" as const, why: { template: "identity not verified, nothing read", arguments: {} } }, "refused", "identity not verified, nothing read"],
  ])("%o", (part, result, left) => expect([resultWord(call(part)), leftWords(call(part), [memories])]).toEqual([result, left]));
});

describe("a change that is not kept", () => {
  it("is none when the same fields were chosen in another order", () => expect(isSame({ ...client, fields: ["company", "name"] }, client)).toBe(true));

  it("is one when a field more was chosen", () => expect(isSame({ ...client, fields: ["company", "name", "email"] }, client)).toBe(false));
});

it.each([
  [["a", "b"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c"]],
  [["a"], ["a", "b"], ["a", "b", "c"], ["a", "c"]],
  [["a", "b", "d"], ["a", "b"], ["b"], ["b", "d"]],
])("of %j, seen as %j, what was ticked as %j becomes %j", (now, seen, wanted, is) => expect(onto(now, seen, wanted)).toEqual(is));
