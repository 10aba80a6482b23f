import { i18n, type Messages } from "@lingui/core";
import "./signs";

/** The languages of the words, each by its own name. */
export const LANGUAGES: [string, string][] = [["en", "English"], ["es", "Español"]];

/** Kept on this computer, not in the workspace: words are needed before one is open. */
const KEY = "cardfile.language";
const CATALOGUES = import.meta.glob<{ messages: Messages }>("./*.po");
/** Not in the list: what the tests speak, from left to right and from right to left. */
const PSEUDO = ["pseudo", "pseudo-rtl"];

/** The language that was chosen, else that of the desktop when we speak it, else English. */
export function language(): string {
  const chosen = localStorage.getItem(KEY);
  if (chosen && PSEUDO.includes(chosen)) return chosen;
  const spoken = [chosen, ...navigator.languages].map((tag) => tag?.split(/[-_]/)[0] ?? "");
  return spoken.find((tag) => `./${tag}.po` in CATALOGUES) ?? "en";
}

/** The words of a language; nothing when they cannot be loaded. */
async function wordsOf(tag: string): Promise<Messages | undefined> {
  const isPseudo = PSEUDO.includes(tag);
  try {
    const catalogue = await CATALOGUES[`./${isPseudo ? "en" : tag}.po`]?.();
    return catalogue && isPseudo ? (await import("./pseudo")).lengthened(catalogue.messages) : catalogue?.messages;
  } catch {
    return undefined;
  }
}

/** Speaks a language from now on, English when it cannot be loaded. The page draws itself again. */
export async function speak(tag: string): Promise<void> {
  const messages = await wordsOf(tag);
  if (!messages && tag !== "en") return speak("en");
  // Without any words there are their keys, which is more than an empty window.
  i18n.loadAndActivate({ locale: PSEUDO.includes(tag) ? "en" : tag, messages: messages ?? {} });
  document.documentElement.lang = i18n.locale;
  document.documentElement.dir = tag.endsWith("-rtl") ? "rtl" : "ltr";
}

/** Chooses a language and speaks it. */
export async function choose(tag: string): Promise<void> {
  localStorage.setItem(KEY, tag);
  await speak(tag);
}
