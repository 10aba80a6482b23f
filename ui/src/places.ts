import type { SegmentView } from "./api/generated/commands";

/** What the screens say to each other. */

/** The tabs of a card. */
export type Tab = "timeline" | "conversations" | "notes" | "tasks" | "memories" | "files" | "ratings" | "secrets" | "access" | "privacy" | "json";

/** How the list begins when it is opened from elsewhere. */
export interface Begin {
  /** How often that was done: each time it begins anew. */
  times: number;
  filter?: string;
  /** A saved view. */
  segment?: SegmentView;
  /** A card that is open on its page, and which of its parts. */
  open?: string;
  tab?: Tab | undefined;
}

/** The lists of the sidebar that a filter makes. */
export const VISITORS = "identity:anonymous";
export const ARCHIVE = "archived:any";

/** The list a person looked at, and what they had selected there. */
export interface Shown {
  query: string;
  /** The search looks into notes and messages too. */
  inTexts: boolean;
  filter: string;
  sort: string[];
  selected: string[];
  /** When all were selected: those that were not. */
  except: string[];
  /** The saved view it was, whose purpose binds what leaves of it. */
  segment?: string;
}
