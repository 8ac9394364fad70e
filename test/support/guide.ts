/** The pieces of code in a guide: compiled against the package, and run in a project in which it is installed. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { linkedProject, root } from "./project.js";

interface Snippet {
  language: string;
  title: string;
  text: string;
}

/** Those of a document, in their order. */
export function snippetsOf(document: string): Snippet[] {
  const guide = readFileSync(path.join(root, document), "utf8");
  return [...guide.matchAll(/^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$/gms)].map(
    ([, language = "", title = "unnamed.ts", text = ""]) => ({ language, title, text }),
  );
}

/** The pieces that are programs, or parts of one. */
export function programsOf(document: string): Snippet[] {
  return snippetsOf(document).filter(({ language }) => /^([cm]?[jt]s|javascript|typescript)$/.test(language));
}

/**
 * Writes the programs and views of a guide into a project, where TypeScript becomes JavaScript too.
 * @param start the program from whose end those go on that neither make a Latchkey nor export anything
 * @returns its folder, and the names of what was written in TypeScript
 */
export function guideProject(document: string, start: string): { project: string; files: string[] } {
  // As test/support/host.ts chooses it: the host's own Express is 4 in the project "Express 4" of vitest.config.ts.
  const express = process.env.HOST_EXPRESS === "4" ? "express4" : "express";
  const others = ["@types", "@node-rs/bcrypt", "express-session", "pino", "ws"];
  const project = linkedProject([["express", express], ...others]);
  const write = (name: string, text: string) => {
    const file = path.join(project, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  for (const { language, title, text } of snippetsOf(document)) if (language === "ejs") write(title, text);
  const files = [];
  for (const { title, text } of programsOf(document)) {
    const isWhole = text.includes("createLatchkey(") || text.includes("export ");
    const whole = isWhole ? text : `${start}\n${text}`;
    write(title, whole);
    if (!title.endsWith(".ts")) continue;
    files.push(title);
    const { outputText } = ts.transpileModule(whole, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    write(title.replace(/\.ts$/, ".js"), outputText);
  }
  return { project, files };
}

/** What a strict compiler says of these files of a project. */
export function problemsOf(project: string, files: readonly string[]): string[] {
  const program = ts.createProgram(
    files.map((file) => path.join(project, file)),
    {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      types: ["node"],
      typeRoots: [path.join(project, "node_modules/@types")],
    },
  );
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    return `${file && path.basename(file.fileName)}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
}
