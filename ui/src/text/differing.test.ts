import { expect, test } from "vitest";
import { differing, differingLines } from "./differing";

test("only what differs is marked, by whole characters", () => {
  expect(differing("HM-2291", "HM-2219")).toEqual(["HM-22", "91", ""]);
  expect(differing("Jürgen", "Juergen")).toEqual(["J", "ü", "rgen"]);
  expect(differing("same", "same")).toEqual(["same", "", ""]);
  expect(differing("aa", "a")).toEqual(["a", "a", ""]);
  expect(differing("👩‍💼 Ana", "👩‍💼 Eva")).toEqual(["👩‍💼 ", "An", "a"]);
});

test("a value against none differs as a whole, and none is no line", () => {
  expect(differingLines("612 408 177", "")).toEqual([["", "612 408 177", ""]]);
  expect(differingLines("", "612 408 177")).toEqual([]);
});

test("a line of a list is the same wherever the other has it", () => {
  expect(differingLines("a@x.example\nb@x.example", "b@x.example\na@x.example")).toEqual([["a@x.example", "", ""], ["b@x.example", "", ""]]);
});

test("one line that changed is looked into, several are marked as a whole", () => {
  expect(differingLines("a@x.example\nb@x.example (work)", "a@x.example\nb@x.example (home)")).toEqual([["a@x.example", "", ""], ["b@x.example (", "work", ")"]]);
  expect(differingLines("one\ntwo\nsame", "three\nfour\nsame")).toEqual([["", "one", ""], ["", "two", ""], ["same", "", ""]]);
  expect(differingLines("one\nsame", "same")).toEqual([["", "one", ""], ["same", "", ""]]);
});
