//! Any text is survived, keys stay unique, places stay inside the file.

use inventar_plugin_javascript::JavaScript;
use inventar_plugin_sdk::{Answer, Detector, File, NoSettings};
use proptest::prelude::*;
use std::collections::BTreeSet;

const CODE: &str = include_str!("detects.rs");

fn holds(path: &str, bytes: &[u8]) -> Answer {
    let answer = JavaScript::scan(&NoSettings::default(), &File::of(path, bytes.to_vec()));
    let mut keys = BTreeSet::new();
    for asset in &answer.assets {
        assert!(keys.insert(&asset.key), "{} twice", asset.key);
        assert!(!asset.evidence.is_empty());
        for seen in &asset.evidence {
            assert!(seen.span().start <= seen.span().end && seen.span().end <= bytes.len() as u64 + 3);
            assert!(seen.span().line >= 1);
        }
        assert!(!asset.name.is_empty() && !asset.key.is_empty() && asset.key.len() <= 256, "{asset:?}");
    }
    for fact in &answer.facts {
        assert!(!fact.name.is_empty() && fact.name.len() <= 128);
    }
    for want in &answer.wants {
        assert!(want.name.as_ref().is_none_or(|name| !name.is_empty()) && want.paths.len() <= 16);
    }
    assert!(answer.facts.len() <= 256 && answer.wants.len() <= 128);
    let facts: usize =
        answer.facts.iter().map(|fact| fact.name.len() + format!("{:?}", fact.value).len()).sum();
    assert!(facts < 40 * 1024);
    answer
}

/// Pieces of JavaScript around AI, put together at random.
fn pieces() -> impl Strategy<Value = String> {
    let words: Vec<&'static str> = vec![
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
    prop::collection::vec(prop::sample::select(words), 0..120).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..2000), end in prop::sample::select(vec!["js", "tsx", "vue", "astro"])) {
        holds(&format!("a.{end}"), &bytes);
    }

    #[test]
    fn any_code(code in pieces()) {
        let once = holds("pkg/a.tsx", code.as_bytes());
        prop_assert_eq!(once, holds("pkg/a.tsx", code.as_bytes()));
    }

    #[test]
    fn damaged_code(from in 0usize..15_000, len in 0usize..4_000, cut in 0usize..4_000, put in ".{0,6}") {
        let code: String = CODE.replace("\\n", "\n").replace("\\\"", "'").chars().skip(from).take(len).collect();
        let at = code.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(code.len());
        let damaged = format!("{}{put}{}", &code[..at], &code[at..]);
        holds("a.ts", damaged.as_bytes());
    }
}

#[test]
fn truncated_at_every_byte() {
    let code = "import { tool, streamText } from 'ai'\nconst a = ({ b = 'gpt-4o' }) => streamText({ model: b, system: `You are ${c}.`, \
        tools: { d: tool({ description: 'é', execute: async () => <p>{process.env.OPENAI_API_KEY}</p> }) } })\n";
    for end in 0..=code.len() {
        holds("a.tsx", &code.as_bytes()[..end]);
    }
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
        holds("a.tsx", code.as_bytes());
    }
}
