/**
 * Up and down through a list by the arrows, or by J and K: gives what takes the keys. `prefix`
 * and an id are the id of a row in the page; `current` is the row from which it goes on.
 */
export function useListKeys(prefix: string, ids: string[], current: string | undefined, onChoose?: (id: string) => void) {
  return (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    const step = key === "arrowdown" || key === "j" ? 1 : key === "arrowup" || key === "k" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const at = current === undefined ? ids.findIndex((id) => `${prefix}${id}` === document.activeElement?.id) : ids.indexOf(current);
    const next = ids[Math.min(ids.length - 1, Math.max(0, at + step))];
    if (next === undefined) return;
    onChoose?.(next);
    document.getElementById(`${prefix}${next}`)?.focus();
  };
}
