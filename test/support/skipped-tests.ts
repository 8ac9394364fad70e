/** Reports what a run skipped and why, after all else: a machine that lacks a program must not look as if everything had run. */
import type { Reporter, TestModule, Vitest } from "vitest/node";

/** @param notes why each skipped test was skipped; @returns one line per reason, or nothing */
export function skippedSummary(notes: readonly (string | undefined)[]): string {
  if (notes.length === 0) return "";
  const counts = new Map<string, number>();
  for (const note of notes) {
    const reason = note ?? "No reason was given.";
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const lines = [...counts].map(([reason, count]) => `  ${count}: ${reason}`);
  return `\nSkipped ${notes.length}:\n${lines.join("\n")}\n`;
}

/** The reason in a title: `refuses … (skipped: pgbouncer is not installed)`. */
const IN_TITLE = /\(skipped: (.*)\)/;

export class SkippedTests implements Reporter {
  #isFiltered = false;

  onInit({ config }: Vitest): void {
    this.#isFiltered = config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const notes = modules
      .flatMap((module) => [...module.children.allTests("skipped")])
      .map((test) => {
        const result = test.result();
        return ("note" in result ? result.note : undefined) ?? IN_TITLE.exec(test.fullName)?.[1];
      });
    // With -t, tests that the pattern leaves out count as skipped too, without a reason.
    const counted = this.#isFiltered ? notes.filter((note) => note !== undefined) : notes;
    process.stdout.write(skippedSummary(counted));
  }
}
