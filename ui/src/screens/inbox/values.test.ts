import { expect, test } from "vitest";
import { differing, linesOf } from "./values";

test("every shape of a field is read line by line", () => {
  expect(linesOf(null)).toEqual([]);
  expect(linesOf("one\ntwo")).toEqual(["one", "two"]);
  expect(linesOf(["lead", "vip"])).toEqual(["lead", "vip"]);
  expect(linesOf([{ value: "a@x.example", key: "a@x.example" }, { value: "1", label: "work" }])).toEqual(["a@x.example", "1 (work)"]);
  expect(linesOf([{ connector: "hubspot", external_id: "42" }])).toEqual(["hubspot: 42"]);
  expect(linesOf(4)).toEqual(["4"]);
});

test("only what differs is marked, by whole characters", () => {
  expect(differing("HM-2291", "HM-2219")).toEqual(["HM-22", "91", ""]);
  expect(differing("Jürgen", "Juergen")).toEqual(["J", "ü", "rgen"]);
  expect(differing("same", "same")).toEqual(["same", "", ""]);
  expect(differing("aa", "a")).toEqual(["a", "a", ""]);
});
