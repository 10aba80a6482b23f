import { worded } from "../text/worded";
import { capital } from "../text/words";
import type { Commands, Error as CommandError, Event } from "./generated/commands";

export type CommandName = keyof Commands;

/** All that the UI may ask of the world outside the page. */
export interface Host {
  call<N extends CommandName>(name: N, request: Commands[N]["request"]): Promise<Commands[N]["response"]>;
  /** Settles when events and drops are heard, or cannot be; it is never refused. Before that nobody is told of them. */
  listening: Promise<unknown>;
  onEvent(listener: (event: Event) => void): () => void;
  /** Files dropped anywhere on the window. */
  onDrop(listener: (paths: string[]) => void, hover: (over: boolean) => void): () => void;
  /** Asks for a file to open; null when the person changed their mind. */
  chooseFile(): Promise<string | null>;
  /** Asks for files of any kind; none when the person changed their mind. */
  chooseFiles(): Promise<string[]>;
  /** Asks for a picture; null when the person changed their mind. */
  choosePicture(): Promise<string | null>;
  /** Asks for a folder; null when the person changed their mind. */
  chooseFolder(): Promise<string | null>;
  /** The text on the clipboard; nothing when there is none. */
  readText(): Promise<string>;
  /** Puts a text on the clipboard. */
  writeText(text: string): Promise<void>;
  /** Asks where to save; null when the person changed their mind. */
  chooseTarget(name: string): Promise<string | null>;
}

/** What a command fails with. */
export function isCommandError(error: unknown): error is CommandError {
  return typeof error === "object" && error !== null && "code" in error && "message" in error;
}

/** One sentence for any failure, as it stands alone. */
export function sentence(error: unknown): string {
  return isCommandError(error) ? capital(worded(error.message)) : String(error);
}
