//! Any text is survived, keys stay unique, places stay inside the file.

use inventar_plugin_dotnet::Dotnet;
use inventar_plugin_sdk::{Answer, Detector, File, NoSettings};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const SAMPLES: &[(&str, &str)] = &[
    (
        "A.cs",
        r####"using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.Agents;
var builder = Kernel.CreateBuilder();
builder.AddOpenAIChatCompletion("gpt-4o", Environment.GetEnvironmentVariable("OPENAI_API_KEY")!);
ChatCompletionAgent agent = new() { Name = "Writer", Instructions = $"""You are a writer. {{x}} {Style}""", Kernel = kernel };
public class Plugin {
    [KernelFunction("get_time"), Description(@"a ""b""")]
    public string GetTime(string zone) => "now";
}
"####,
    ),
    (
        "A.fs",
        r####"open Microsoft.SemanticKernel
let builder = Kernel.CreateBuilder()
builder.AddOpenAIChatCompletion("gpt-4o", "key") |> ignore
(* a comment *)
"####,
    ),
    (
        "A.vb",
        r####"Imports Microsoft.SemanticKernel
Dim model = "gpt-4o" ' a comment
"####,
    ),
];

fn holds(path: &str, bytes: &[u8]) -> Answer {
    let answer = Dotnet::scan(&NoSettings::default(), &File::of(path, bytes.to_vec()));
    let mut keys = BTreeSet::new();
    for asset in &answer.assets {
        assert!(keys.insert(&asset.key), "{} twice", asset.key);
        assert!(!asset.name.is_empty() && asset.key.len() <= 256, "{asset:?}");
        assert!(!asset.evidence.is_empty());
        for seen in &asset.evidence {
            assert!(seen.span().start <= seen.span().end && seen.span().end <= bytes.len() as u64 + 3);
            assert!(seen.span().line >= 1);
        }
    }
    answer
}

#[test]
fn cut_at_every_byte() {
    for (path, code) in SAMPLES {
        assert!(!holds(path, code.as_bytes()).assets.is_empty(), "{path}");
        for at in (0..code.len()).step_by(3) {
            holds(path, &code.as_bytes()[..at]);
            holds(path, &code.as_bytes()[at..]);
        }
    }
}

#[test]
fn hostile_files() {
    let (path, code) = SAMPLES[0];
    let wide = format!("{code}\n{}", "x".repeat(900_000));
    let texts = format!("{code}\n{}", "f(\"gpt-4o\", \"gpt-4o\");\n".repeat(30_000));
    let chain = format!("{code}\nx := a{};\n", ".model(\"gpt-4o\")".repeat(50_000));
    let same = format!("{code}\n{}", "model = model + model;\n".repeat(40_000));
    let quotes = "\"".repeat(300_000);
    let hashes = "r#".repeat(300_000);
    let values = "$\"{".repeat(200_000);
    let generics = "a<".repeat(300_000);
    let marks = "[A(\"x\")]\n@B(\"y\")\n#[c(d)]\n".repeat(20_000);
    let declarations = "class A { void f(int a, int b) { } func g(x int) {} fn h(x: u8) {} }\n".repeat(8_000);
    let nested =
        |open: &str, close: &str| format!("{code}\nx = {}{}", open.repeat(100_000), close.repeat(100_000));
    for text in [
        &wide,
        &texts,
        &chain,
        &same,
        &quotes,
        &hashes,
        &values,
        &generics,
        &marks,
        &declarations,
        &nested("(", ")"),
        &nested("{", "}"),
        &nested("f(", ")"),
        &nested("[", ""),
        &nested("/*", ""),
        &nested("x ? (", ")"),
        &nested("X{a: ", "}"),
    ] {
        let start = Instant::now();
        holds(path, text.as_bytes());
        assert!(start.elapsed() < Duration::from_secs(20), "{:?} for {}", start.elapsed(), &text[..40]);
    }
}

#[test]
fn bytes_that_are_no_text() {
    let (path, code) = SAMPLES[0];
    let mut latin = code.as_bytes().to_vec();
    latin.extend(b"\n// caf\xe9\n");
    assert_eq!(holds(path, &latin).assets.len(), holds(path, code.as_bytes()).assets.len());
    assert!(holds(path, b"\xff\xfe\x00").assets.is_empty());
    assert_eq!(holds(path, b"\xff\x00").gaps.len(), 1);
    let mut marked = b"\xef\xbb\xbf".to_vec();
    marked.extend(code.as_bytes());
    assert_eq!(holds(path, &marked).assets.len(), holds(path, code.as_bytes()).assets.len());
}

/// Pieces of code around AI, put together at random.
fn pieces() -> impl Strategy<Value = String> {
    let words: Vec<&'static str> = vec![
        "using Microsoft.SemanticKernel;\n",
        "[KernelFunction]",
        "new ChatCompletionAgent {",
        "kernel.",
        "public string f() ",
        "$\"\"\"",
        "\"gpt-4o\"",
        "\"You are a helpful assistant. Answer the question.\"",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "<",
        ">",
        ".",
        "::",
        "=",
        ":=",
        ":",
        ";",
        ",",
        "\n",
        " ",
        "x",
        "model",
        "Model",
        "system",
        "role",
        "\"system\"",
        "content",
        "return ",
        "new ",
        "func ",
        "fn ",
        "class ",
        "if ",
        "else ",
        "+",
        "??",
        "?",
        "\"",
        "'",
        "`",
        "$\"{",
        "}\"",
        "#",
        "@",
        "!",
        "&",
        "*",
        "=>",
        "->",
        "os.Getenv(",
        "std::env::var(",
        "\"OPENAI_API_KEY\"",
        "\"https://api.openai.com/v1\"",
        "\\",
        "é",
        "\"\"\"",
    ];
    prop::collection::vec(prop::sample::select(words), 0..120).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_pieces(code in pieces()) {
        for (path, _) in SAMPLES {
            holds(path, code.as_bytes());
        }
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for (path, _) in SAMPLES {
            holds(path, &bytes);
        }
    }
}
