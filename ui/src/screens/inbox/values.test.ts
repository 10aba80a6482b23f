import { expect, test } from "vitest";
import { linesOf } from "./values";

test("every shape of a field is read line by line", () => {
  expect(linesOf(null)).toEqual([]);
  expect(linesOf("one\ntwo")).toEqual(["one", "two"]);
  expect(linesOf(["lead", "vip"])).toEqual(["lead", "vip"]);
  expect(linesOf([{ value: "a@x.example", key: "a@x.example" }, { value: "1", label: "work" }])).toEqual(["a@x.example", "1 (work)"]);
  expect(linesOf([{ connector: "hubspot", external_id: "42" }])).toEqual(["hubspot: 42"]);
  expect(linesOf(4)).toEqual(["4"]);
});
