// Work that may wait, done in slices so that no frame is late.

export class FrameQueue {
  constructor(budgetMs = 10) {
    this.budgetMs = budgetMs;
    this.tasks = new Map();
    this.frame = 0;
  }

  /** Runs `task` in one of the next frames; a task still waiting under the same key is replaced. */
  add(key, task) {
    this.tasks.set(key, task);
    this.frame ||= requestAnimationFrame(() => this.#run(performance.now() + this.budgetMs));
  }

  delete(key) {
    this.tasks.delete(key);
  }

  /** Runs everything now: before the page is printed. */
  flush() {
    this.#run(Infinity);
  }

  #run(deadline) {
    this.frame = 0;
    for (const [key, task] of this.tasks) {
      this.tasks.delete(key);
      task();
      if (performance.now() > deadline) break;
    }
    if (this.tasks.size) this.frame ||= requestAnimationFrame(() => this.#run(performance.now() + this.budgetMs));
  }
}
