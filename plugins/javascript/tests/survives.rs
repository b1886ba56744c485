//! Any text is survived, keys stay unique, places stay inside the file.

use inventar_plugin_javascript::JavaScript;

const PATHS: &[&str] = &["pkg/a.js", "pkg/a.tsx", "a.vue", "a.astro"];

/// Pieces of JavaScript around AI.
const PIECES: &[&str] = &[
    "import { openai } from '@ai-sdk/openai'\n",
    "import * as x from './x'\n",
    "export ",
    "export * from './y'\n",
    "default ",
    "class A extends B {",
    "const ",
    "function f(a = b) {",
    "return ",
    "model: ",
    "'gpt-4o'",
    "process.env.",
    "OPENAI_API_KEY",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    "=",
    ";\n",
    "`${",
    "}`",
    "x",
    "x.y",
    " ?? ",
    " => ",
    "!",
    "async ",
    "await ",
    "new ",
    "tool(",
    "if (",
    "else ",
    "for (const x of ",
    "/*",
    "*/",
    "'",
    "//",
    "/",
    "{ role: 'system', content: ",
    " + ",
    "...",
    "<A b={",
    "/>",
    "</A>",
    "this.a",
    "this.a = this.a",
    "x = x",
    "const { a, b: { c } = d } = e\n",
    " as const",
    "<T>",
    "@dec()\n",
    "enum E { A = 'b' }\n",
    "\t",
    "\u{e9}",
    "tools: [f]",
];

#[test]
fn any_bytes() {
    inventar_trial::any_bytes::<JavaScript>(PATHS, 2000);
}

#[test]
fn any_pieces() {
    inventar_trial::any_pieces::<JavaScript>(PATHS, PIECES);
}

#[test]
fn damaged_code() {
    let code = concat!(include_str!("detects/main.rs"), include_str!("detects/prompts.rs"))
        .replace("\\n", "\n")
        .replace("\\\"", "'");
    inventar_trial::damaged::<JavaScript>("a.ts", code.as_bytes());
}

#[test]
fn truncated_at_every_byte() {
    let code = "import { tool, streamText } from 'ai'\nconst a = ({ b = 'gpt-4o' }) => streamText({ model: b, system: `You are ${c}.`, \
        tools: { d: tool({ description: 'é', execute: async () => <p>{process.env.OPENAI_API_KEY}</p> }) } })\n";
    inventar_trial::cut_everywhere::<JavaScript>("a.tsx", code, 1);
}

#[test]
fn chains_and_nesting() {
    let n = 20_000;
    for code in [
        format!("x = {}1", "'a' + ".repeat(n)),
        format!("x = {}1", "a || ".repeat(n)),
        format!("x = a{}", ".b".repeat(n)),
        format!("x = a{}", ".b()".repeat(n)),
        format!("x = {}1{}", "(".repeat(n), ")".repeat(n)),
        format!("x = {}1", "a => ".repeat(n)),
        format!("x = {}{}", "<a>".repeat(n), "</a>".repeat(n)),
        format!("{}{}", "if (a) {".repeat(n), "}".repeat(n)),
        format!("let x: {}", "A<".repeat(n)),
        format!("let x: {}1", "keyof ".repeat(n)),
        "const a = b\nconst b = a\n".repeat(n),
        (0..n / 4).map(|at| format!("export const a{at} = 'gpt-4o'\n")).collect(),
        "(".repeat(n),
        "`${".repeat(n),
        "{".repeat(n),
    ] {
        inventar_trial::holds::<JavaScript>("a.tsx", code.as_bytes());
    }
}
