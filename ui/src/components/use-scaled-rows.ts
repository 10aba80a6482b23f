import { useCallback, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";

/** Browsers stop at 33 million pixels; a million rows are 36 million. */
const MAX = 8_000_000;

interface Options {
  count: number;
  row: number;
  overscan?: number;
}

/**
 * A window over rows of one height that reaches the last of any number of them.
 * Small movements (wheel, keys) are followed pixel by pixel; large ones (thumb)
 * proportionally. Rows are placed at `offset(i)` inside the sizer.
 */
export function useScaledRows({ count, row, overscan = 6 }: Options) {
  const ref = useRef<HTMLDivElement>(null);
  const at = useRef({ pos: 0, last: 0 });
  const [, redraw] = useState(0);
  const [{ height, width }, setSize] = useState({ height: 600, width: 1200 });
  const total = count * row;
  const sizer = Math.min(total, MAX);
  const maxPos = Math.max(0, total - height);
  const maxTop = Math.max(1, sizer - height);

  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => setSize({ height: element.clientHeight, width: element.clientWidth });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);

  const place = useCallback(
    (pos: number) => {
      const element = ref.current;
      if (!element) return;
      at.current.pos = Math.min(maxPos, Math.max(0, pos));
      element.scrollTop = total <= MAX ? at.current.pos : (at.current.pos / Math.max(1, maxPos)) * maxTop;
      at.current.last = element.scrollTop;
      redraw((n) => n + 1);
    },
    [maxPos, maxTop, total],
  );

  // Fewer rows than before: never look beyond the last.
  if (at.current.pos > maxPos) at.current.pos = maxPos;

  const onScroll = useCallback(() => {
    const element = ref.current;
    if (!element) return;
    const state = at.current;
    const top = element.scrollTop;
    if (top === state.last) return;
    if (total <= MAX) {
      state.pos = top;
      state.last = top;
    } else {
      const moved = top - state.last;
      const small = Math.abs(moved) <= height * 3 && top > 0 && top < maxTop;
      state.pos = small ? Math.min(maxPos, Math.max(0, state.pos + moved)) : (top / maxTop) * maxPos;
      if (top <= 0) state.pos = 0;
      if (top >= maxTop - 0.5) state.pos = maxPos;
      const want = (state.pos / maxPos) * maxTop;
      if (Math.abs(want - top) > height) element.scrollTop = want;
      state.last = element.scrollTop;
    }
    // Without it the frame that was scrolled to is painted empty.
    flushSync(() => redraw((n) => n + 1));
  }, [height, maxPos, maxTop, total]);

  const { pos } = at.current;
  const first = Math.max(0, Math.floor(pos / row) - overscan);
  const end = Math.min(count, Math.ceil((pos + height) / row) + overscan);
  const top = ref.current?.scrollTop ?? 0;

  return {
    ref,
    onScroll,
    width,
    first,
    end,
    sizer,
    rowsInView: Math.max(1, Math.floor(height / row)),
    offset: (index: number) => top + index * row - pos,
    /** Brings a row into view with the least movement. */
    reveal: (index: number) => {
      if (index * row < at.current.pos) place(index * row);
      else if ((index + 1) * row > at.current.pos + height) place((index + 1) * row - height);
    },
    toTop: () => place(0),
  };
}
