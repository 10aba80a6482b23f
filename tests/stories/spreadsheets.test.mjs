// A-11: a workbook and a guarded CSV are opened and saved by LibreOffice, and
// come back without one changed field; a recipe is used and saved in the window.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cardfile, project, until, Window } from "./window.mjs";

const HOSTILE = [
  ["Sarah Johnson", "+15551234567", '=HYPERLINK("http://x.example","y")'], ["李雷 😀", "00441632960961", "ZIP 01234"],
  ["ليلى حدّاد", "0034 612", "2024-03-01"], ['"Quote" O\'Neil', "1e5", "line one\nline two, with a comma"],
  ["@cmd", "-5", "+1+2"], ["'already quoted", "007", "TRUE"],
];
let window;
before(async () => {
  window = await Window.unprotected();
  const file = join(window.folder, "in.ndjson");
  writeFileSync(file, HOSTILE.map(([name, phone, description], at) => `${JSON.stringify({ name, phone, description, tags: ["lead", "01"], external_id: `e${at}` })}\n`).join(""));
  cardfile(window.workspace, "import", file);
  await window.see(".status", "6 contacts");
});
after(() => window?.close());

/** Opens a file in LibreOffice and saves it as a CSV whose cells are texts. */
function throughLibreOffice(file, ...options) {
  const saved = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false";
  const home = `-env:UserInstallation=file://${join(window.folder, "office")}`;
  execFileSync("soffice", [home, "--headless", ...options, "--convert-to", saved, "--outdir", join(window.folder, "out"), file], { stdio: "pipe", timeout: 120_000 });
}
/** What importing it over the contacts would do. */
const would = (file) => cardfile(window.workspace, "import", "--policy", "newest", "--dry-run", file).split("\n").filter((line) => /^ +\d/.test(line)).map((line) => line.trim());
const UNCHANGED = ["6 records read", "0 created", "0 updated", "6 unchanged", "0 duplicate in the file", "0 suppressed", "0 rejected"];

async function exportAs(format, file) {
  await window.keys("g", "e");
  await window.click("[aria-labelledby=format-title] button", format);
  await window.click("[aria-labelledby=columns-title] button", "Complete");
  await until("a name for the file", () => window.run(() => document.querySelector("input[aria-label=File]").value !== ""));
  await window.run(() => document.querySelector("input[aria-label=File]").focus());
  await window.keys("Control+a");
  await window.type(file);
  await until("ready", () => window.run(() => !document.querySelector(".act .btn.pri").disabled));
  await window.click(".act .btn.pri", "Export 6 contacts");
  await window.see(".toast", `to ${file}`);
}

test("a workbook goes through LibreOffice and nothing is changed", async () => {
  const file = join(window.folder, "book.xlsx");
  await exportAs("Excel", file);
  throughLibreOffice(file);
  const saved = join(window.folder, "out/book.csv");
  assert.deepEqual(would(saved), UNCHANGED);
  // No formula was evaluated: it is still the text that was typed.
  assert.ok(readFileSync(saved, "utf8").includes('"=HYPERLINK(""http://x.example"",""y"")"'));
});

test("a guarded CSV, opened with its columns as text, comes back unchanged", async () => {
  const file = join(window.folder, "guarded.csv");
  await exportAs("CSV", file);
  const columns = Array.from({ length: 60 }, (_, at) => `${at + 1}/2`).join("/");
  throughLibreOffice(file, `--infilter=CSV:44,34,76,1,${columns}`);
  assert.deepEqual(would(join(window.folder, "out/guarded.csv")), UNCHANGED);
});

test("DuckDB and pandas read the same from a Parquet file, with its types", async () => {
  const file = join(window.folder, "table.parquet");
  await exportAs("Parquet", file);
  const script = `
import duckdb, json, pandas, sys
file = sys.argv[1]
types = {name: kind for name, kind, *_ in duckdb.sql(f"DESCRIBE SELECT * FROM '{file}'").fetchall()}
by_sql = duckdb.sql(f"SELECT name, phone, description, tags FROM '{file}'").fetchall()
table = pandas.read_parquet(file)
by_frame = [[row["name"], row["phone"], row["description"], list(row["tags"])] for _, row in table.iterrows()]
codec = {row[0] for row in duckdb.sql(f"SELECT DISTINCT compression FROM parquet_metadata('{file}')").fetchall()}
print(json.dumps({"types": types, "sql": by_sql, "frame": by_frame, "created": str(table["created_at"].dtype), "codec": sorted(codec)}))
`;
  const told = JSON.parse(execFileSync(join(project, "target/analysts/bin/python"), ["-c", script, file], { encoding: "utf8" }));
  const wanted = HOSTILE.map(([name, phone, description]) => [name, phone, description, ["lead", "01"]]);
  assert.deepEqual(told.sql, wanted);
  assert.deepEqual(told.frame, wanted);
  const { name, phone, tags, created_at, conversation_count } = told.types;
  assert.deepEqual([name, phone, tags, created_at, conversation_count], ["VARCHAR", "VARCHAR", "VARCHAR[]", "TIMESTAMP WITH TIME ZONE", "BIGINT"]);
  assert.match(told.created, /^datetime64\[ms, UTC\]$/);
  assert.deepEqual(told.codec, ["ZSTD"]);
});

test("a recipe sets columns, headings and format, and is saved under a name", async () => {
  await window.keys("g", "e");
  await window.run(() => { const list = document.querySelector('[aria-label="Start from a recipe"]'); list.value = "Mail merge"; list.dispatchEvent(new Event("change", { bubbles: true })); });
  await window.see(".firstlines", "Full name,First name,Last name");
  await window.pictures("export-recipe");
  await window.run(() => { const field = document.querySelector('[aria-label="Heading of name"]'); field.focus(); field.select(); });
  await window.type("Who");
  await window.see(".firstlines", "Who,First name");
  await window.run(() => document.querySelector('[aria-label="Name of a new recipe"]').focus());
  await window.type("Letters");
  await window.keys("Enter");
  await window.see(".toast", "Recipe Letters saved");
  const out = join(window.folder, "letters.xlsx");
  cardfile(window.workspace, "export", "--recipe", "letters", out);
  throughLibreOffice(out);
  assert.match(readFileSync(join(window.folder, "out/letters.csv"), "utf8"), /^Who,First name,Last name,Company,Address,Email\n/);
});
