//! Any text is survived, keys stay unique, places stay inside the file.

use inventar_plugin_python::Python;
use inventar_plugin_sdk::{Answer, Detector, File, NoSettings};
use proptest::prelude::*;
use std::collections::BTreeSet;

const CODE: &str = include_str!("detects.rs");

fn holds(path: &str, bytes: &[u8]) -> Answer {
    let answer = Python::scan(&NoSettings::default(), &File::of(path, bytes.to_vec()));
    let mut keys = BTreeSet::new();
    for asset in &answer.assets {
        assert!(keys.insert(&asset.key), "{} twice", asset.key);
        assert!(!asset.evidence.is_empty());
        for seen in &asset.evidence {
            assert!(seen.span().start <= seen.span().end && seen.span().end <= bytes.len() as u64 + 3);
            assert!(seen.span().line >= 1);
        }
    }
    for fact in &answer.facts {
        assert!(!fact.name.is_empty() && fact.name.len() <= 128);
    }
    for asset in &answer.assets {
        assert!(!asset.name.is_empty() && !asset.key.is_empty() && asset.key.len() <= 256, "{asset:?}");
    }
    for want in &answer.wants {
        assert!(want.name.as_ref().is_none_or(|name| !name.is_empty()));
    }
    let facts: usize =
        answer.facts.iter().map(|fact| fact.name.len() + format!("{:?}", fact.value).len()).sum();
    assert!(facts < 40 * 1024);
    answer
}

/// Pieces of Python around AI, put together at random.
fn pieces() -> impl Strategy<Value = String> {
    let words: Vec<&'static str> = vec![
        "from openai import OpenAI\n",
        "from . import x\n",
        "class A(B):\n",
        "    ",
        "def f(a=b):\n",
        "return ",
        "model=",
        "'gpt-4o'",
        "os.getenv(",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ":",
        ",",
        "=",
        "\n",
        "f'{",
        "}'",
        "x",
        "x.y",
        " or ",
        "lambda ",
        "not ",
        "async ",
        "await ",
        "@tool\n",
        "if ",
        "else ",
        "for x in ",
        "\"\"\"",
        "'",
        "#",
        "\\\n",
        "{'role': 'system', 'content': ",
        " + ",
        "**",
        "*",
        "A().m()",
        "self.a",
        "self.a = self.a",
        "x = x",
        "import ",
        " as ",
        "try:\n",
        "except ImportError:\n",
        "\t",
        "\u{e9}",
        "tools=[f]",
    ];
    prop::collection::vec(prop::sample::select(words), 0..120).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        holds("a.py", &bytes);
    }

    #[test]
    fn any_python(code in pieces()) {
        let once = holds("pkg/a.py", code.as_bytes());
        prop_assert_eq!(once, holds("pkg/a.py", code.as_bytes()));
    }

    #[test]
    fn damaged_code(from in 0usize..15_000, len in 0usize..4_000, cut in 0usize..4_000, put in ".{0,6}") {
        let code: String = CODE.replace("\\n", "\n").replace("\\\"", "'").chars().skip(from).take(len).collect();
        let at = code.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(code.len());
        let damaged = format!("{}{put}{}", &code[..at], &code[at..]);
        holds("a.py", damaged.as_bytes());
    }
}
