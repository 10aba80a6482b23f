// A button that is disabled while it works, or removed by what it does, loses the focus to the
// page, and the keys with it: Esc, and what else the dialog or the screen around it listens for,
// would do nothing. They go on to where it stood, and it has the focus again once it can. A dialog
// has the keys also when something behind it has the focus.

/** What had the focus last, and what is around it. */
let path: Element[] = [];

/** What had the focus last, and lost it without anybody's wish. */
export const lastFocused = () => path[0];

/** Whether it is in the page, and not disabled. */
export const isThere = (one: Element | null | undefined): one is HTMLElement => one instanceof HTMLElement && one !== document.body && one.isConnected && !one.matches(":disabled");

/** The open dialog, when the target is not in it. */
function dialogBefore(target: EventTarget | undefined | null): HTMLElement | undefined {
  const dialog = [...document.querySelectorAll<HTMLElement>("[aria-modal=true]")].at(-1);
  return dialog?.contains(target as Node | null) ? undefined : dialog;
}

/** To be called once, before anything else listens for keys. */
export function followLostFocus() {
  const enabled = new MutationObserver(() => {
    const [last] = path;
    if (document.activeElement === document.body && isThere(last)) last.focus();
  });
  window.addEventListener("focusin", ({ target }) => {
    path = [];
    for (let one = target instanceof Element ? target : null; one && one !== document.body; one = one.parentElement) path.push(one);
    enabled.disconnect();
    if (path[0]) enabled.observe(path[0], { attributeFilter: ["disabled"] });
  }, true);
  // Somebody wished it elsewhere.
  window.addEventListener("focusout", ({ target }) => {
    if (isThere(target as Element)) path = [];
  }, true);
  window.addEventListener("pointerdown", ({ target }) => {
    if (!path[0]?.contains(target as Node)) path = [];
  }, true);
  window.addEventListener("keydown", (event) => {
    const lost = event.target === document.body ? path.find(isThere) : undefined;
    const dialog = dialogBefore(lost ?? event.target);
    const there = dialog ?? lost;
    if (!there) return;
    event.stopImmediatePropagation();
    const { key, code, location, ctrlKey, shiftKey, altKey, metaKey, repeat } = event;
    const again = new KeyboardEvent("keydown", { key, code, location, ctrlKey, shiftKey, altKey, metaKey, repeat, bubbles: true, cancelable: true });
    // A message may be answered over a dialog; what is behind it has nothing of the key.
    const isBehind = dialog && !(event.target instanceof Element && event.target.closest(".toasts"));
    if (!there.dispatchEvent(again) || isBehind) event.preventDefault();
  }, true);
}
