// Scrolling through more than a browser's elements may be high.

const HIGHEST = 8_000_000; // pixels; browsers draw wrongly from about 16 million on

/**
 * Make the scrolling of a frame over a canvas. Positions are those in the whole; the canvas is never
 * higher than a browser can bear, and stands for the part around what is seen, `shift` below the top.
 */
export function makeScroll(frame, canvas) {
  let [height, shift, last] = [0, 0, 0];
  const lowest = () => Math.max(0, Math.min(height, HIGHEST) - frame.clientHeight);
  const most = () => Math.max(0, height - frame.clientHeight);

  /** Choose what the canvas stands for when the bar is at `at`: each end of it for that of the whole. */
  function settle(at) {
    shift = height <= HIGHEST || lowest() === 0 ? 0 : Math.round((at / lowest()) * (most() - lowest()));
  }

  return {
    shift: () => shift,
    top: () => frame.scrollTop + shift,
    setHeight(pixels) {
      if (pixels === height) return;
      height = pixels;
      canvas.style.height = `${Math.min(height, HIGHEST)}px`;
      settle(frame.scrollTop);
    },
    /** Heed that the frame was scrolled: a jump leads anywhere, a short way is as short as it looks. */
    follow() {
      const now = frame.scrollTop;
      const isJump = Math.abs(now - last) > 2 * frame.clientHeight;
      if (isJump || now <= 0 || now >= lowest() - 1) settle(now);
      last = now;
    },
    to(pixels) {
      const wanted = Math.max(0, Math.min(pixels, most()));
      const at = height <= HIGHEST || most() === 0 ? wanted : Math.round((wanted / most()) * lowest());
      settle(at);
      frame.scrollTop = wanted - shift;
      last = frame.scrollTop;
    },
  };
}
