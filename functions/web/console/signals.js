// Values that tell who reads them when they change: signals, and effects that run again.
//
// An effect belongs to the scope that was current when it was made, and ends with it: a page's
// effects end when the page is left, those of a list's row when the row goes.

let reading = null; // the effect that runs now
let scope = null; // whoever owns what is made now
const waiting = new Set(); // effects that run again once the change that caused it is over
let scheduled = false;

/** Make a value that can be read by calling it, and changed by `.set(value)`. */
export function signal(value) {
  const readers = new Set();
  const read = () => {
    if (reading) {
      readers.add(reading);
      reading.sources.add(readers);
    }
    return value;
  };
  read.set = (next) => {
    if (Object.is(next, value)) return;
    value = next;
    for (const reader of readers) schedule(reader);
  };
  read.update = (change) => read.set(change(value));
  read.peek = () => value;
  return read;
}

/** Run a function now, and again whenever a signal that it read has changed. */
export function effect(run) {
  const self = { run, sources: new Set(), scope: null, ended: false };
  scope?.own(() => end(self));
  perform(self);
  return () => end(self);
}

/** Make a signal of what a function returns, kept up to date. */
export function computed(compute) {
  const result = signal(undefined);
  effect(() => result.set(compute()));
  return result;
}

/** Read signals without becoming their reader. */
export function untracked(read) {
  const before = reading;
  reading = null;
  try {
    return read();
  } finally {
    reading = before;
  }
}

/** Make a scope: `run(f)` makes things that belong to it, `end()` ends them all. */
export function makeScope() {
  const owned = [];
  return {
    own: (ending) => owned.push(ending),
    run(work) {
      const before = scope;
      scope = this;
      try {
        return untracked(work);
      } finally {
        scope = before;
      }
    },
    end: () => owned.splice(0).forEach((ending) => ending()),
  };
}

/** Call a function when the scope that is current now ends. */
export function onEnd(ending) {
  scope?.own(ending);
}

function perform(self) {
  forget(self);
  self.scope?.end();
  self.scope = makeScope();
  const [readingBefore, scopeBefore] = [reading, scope];
  [reading, scope] = [self, self.scope];
  try {
    self.run();
  } finally {
    [reading, scope] = [readingBefore, scopeBefore];
  }
}

function schedule(reader) {
  waiting.add(reader);
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    for (let left = 1000; waiting.size && left; left -= 1) {
      const [next] = waiting;
      waiting.delete(next);
      if (!next.ended) perform(next);
    }
  });
}

function forget(self) {
  for (const readers of self.sources) readers.delete(self);
  self.sources.clear();
}

function end(self) {
  self.ended = true;
  forget(self);
  self.scope?.end();
}
