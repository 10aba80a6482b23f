import { describe, expect, it } from "vitest";
import type { FieldRule, TeamView } from "../../api/generated/commands";
import { changedRules, flowOf, hostOf, hostsAt, isOpen, narrowed, wayOf, writes } from "./flow";

const rule = (field: string, direction: string, approved = false, purpose = ""): FieldRule => ({ field, direction, approved, purpose });

describe("what a connection does as a whole", () => {
  it.each([
    ["what was not approved does not leave", [rule("name", "both"), rule("email", "both")], "pull", 2],
    ["one approved field makes it both ways", [rule("name", "both", true), rule("email", "pull")], "both", 2],
    ["out only", [rule("name", "push", true), rule("email", "off", true)], "push", 1],
    ["which is the first goes with them", [rule("email", "push", true), rule("email.first", "push", true)], "push", 1],
    ["nothing moves", [rule("name", "push"), rule("email", "off", true)], "off", 0],
    ["a way nobody knows is none", [rule("name", "sideways", true)], "off", 0],
  ])("%s", (_, rules, way, fields) => expect(flowOf(rules)).toEqual({ way, fields }));
});

it("a way nobody knows is none", () => expect(wayOf(rule("name", "sideways"))).toBe("off"));

describe("what a team narrows of what may leave", () => {
  const held = (purpose: string): TeamView => ({ name: "Team", fields: [{ field: "name", purpose }] });
  it.each<[string, FieldRule, TeamView | null, ReturnType<typeof narrowed>]>([
    ["nothing where no team shares it", rule("name", "both", true), null, null],
    ["nothing of what may leave for there", rule("name", "both", true, "news"), held(""), null],
    ["nothing where both need one consent", rule("name", "both", true, " news "), held("news"), null],
    ["a consent that is needed there", rule("name", "push", true), held("news"), { leaves: true, purpose: "news" }],
    ["all, where each needs another", rule("name", "both", true, "news"), held("care"), { leaves: false, purpose: "care" }],
    ["all that may not leave for there", rule("email", "both", true), held(""), { leaves: false, purpose: "" }],
    ["nothing of what does not leave anyhow", rule("email", "pull", true), held(""), null],
    ["nothing of what was not approved", rule("email", "both"), held(""), null],
  ])("%s", (_, one, team, expected) => expect(narrowed(one, team)).toEqual(expected));
});

it("only rules that say something else are changed; blanks around a purpose say nothing", () => {
  const kept = [rule("name", "both"), rule("email", "both", true, "sales"), rule("phone", "pull")];
  expect(changedRules(kept, kept)).toEqual([]);
  expect(changedRules([rule("name", "both", true), rule("email", "both", true, " sales "), rule("phone", "off")], kept)).toEqual([rule("name", "both", true), rule("phone", "off")]);
});

it("what waits for a person is not written", () => expect(writes({ pulled: 1, createdHere: 2, deletedHere: 4, pushed: 8, createdThere: 16, deletedThere: 32, held: 64 })).toBe(63));

describe("an address", () => {
  it.each([["https://dav.example/ana/", "dav.example"], ["dav.example", ""], ["", ""]])("%s is at %s", (address, host) => expect(hostOf(address)).toBe(host));
  it.each([
    ["", ["api.crm.example"]], ["https://own.example/v1", ["own.example"]], ["http://127.0.0.1:4010", ["127.0.0.1:4010"]], ["own.example", ["own.example"]], ["https://", []],
  ])("with %s typed is %s talked to", (address, hosts) => expect(hostsAt(address, ["api.crm.example"])).toEqual(hosts));
  it.each([
    ["http://dav.example/", true], ["https://dav.example/", false], ["http://127.0.0.1:5232/", false], ["http://localhost:5232", false], ["http://[::1]:5232/", false], ["dav.example", false],
  ])("%s can be read on the way: %s", (address, open) => expect(isOpen(address)).toBe(open));
});
