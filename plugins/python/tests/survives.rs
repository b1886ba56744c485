//! Any text is survived, keys stay unique, places stay inside the file.

use inventar_plugin_python::Python;

const PATHS: &[&str] = &["pkg/a.py"];

/// Pieces of Python around AI.
const PIECES: &[&str] = &[
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

#[test]
fn any_bytes() {
    inventar_trial::any_bytes::<Python>(PATHS, 2000);
}

#[test]
fn any_pieces() {
    inventar_trial::any_pieces::<Python>(PATHS, PIECES);
}

#[test]
fn damaged_code() {
    let code = concat!(
        include_str!("detects/agents.rs"),
        include_str!("detects/endpoints.rs"),
        include_str!("detects/models.rs"),
    )
    .replace("\\n", "\n")
    .replace("\\\"", "'");
    inventar_trial::damaged::<Python>("a.py", code.as_bytes());
}

/// Names that are bound to what has them in it: ordinary code, which must end.
#[test]
fn what_holds_itself_has_an_end() {
    for code in [
        "from fastmcp import Client\nconfig = {'weather': {'command': 'npx'}}\nconfig = {'mcpServers': config}\nClient(config)\n",
        "from crewai import Agent\ntools = [a]\ntools = [*tools, b]\nAgent(role='x', tools=tools)\n",
    ] {
        let answer = inventar_trial::found::scan::<Python>("app/main.py", code);
        assert!(answer.gaps.is_empty() && !answer.assets.is_empty(), "{code}: {answer:?}");
    }
}
