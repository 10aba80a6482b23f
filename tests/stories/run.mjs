// `make run`: opens the app. Without a display it starts a virtual one, takes
// pictures of the first screens and ends.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { desktop, project, Window } from "./window.mjs";

if (process.env.DISPLAY || process.env.WAYLAND_DISPLAY) {
  console.log("cardfile: opening the window");
  spawn(desktop, process.argv.slice(2), { stdio: "inherit" }).on("exit", (code) => process.exit(code ?? 0));
} else {
  console.log("cardfile: no display here; opening the window on a virtual one");
  const window = await Window.unprotected();
  const pictures = process.env.CARDFILE_SCREENSHOTS ?? join(project, "tests/out");
  await window.see("h2", "Everyone you do business with");
  await window.pictures("run-empty");
  await window.click("button", "Load sample data");
  await window.see("[role=row] bdi");
  await window.pictures("run-contacts");
  await window.close();
  console.log(`cardfile: it opens; pictures are in ${pictures}`);
  process.exit(0);
}
