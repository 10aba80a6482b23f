import { type CommandId, keycaps, keysOf, useBindings } from "../commands";

/** The keys of a command as keycaps; nothing when it has none. */
export function Kbd({ of }: { of: CommandId }) {
  useBindings();
  const keys = keysOf(of);
  return keys ? keycaps(keys).map((cap) => <span key={cap} className="kbd">{cap}</span>) : null;
}
