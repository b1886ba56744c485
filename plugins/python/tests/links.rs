//! What is found across files, as `kind name path:line`.

use inventar_plugin_python::Python;
use inventar_trial::tree;
use std::collections::BTreeMap;

#[track_caller]
fn check(files: &[(&str, &str)], kind: &str, expected: &[&str]) {
    let files: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(path, code)| ((*path).to_owned(), code.as_bytes().to_vec())).collect();
    let mut lines = Vec::new();
    for (path, (answer, parts)) in tree::scan::<Python>(&files) {
        for asset in
            answer.assets.iter().filter(|asset| asset.kind == kind && asset.key.starts_with("linked-"))
        {
            for seen in &asset.evidence {
                lines.push(format!(
                    "{path}: {} {}:{}",
                    asset.name,
                    parts[seen.span().part as usize],
                    seen.span().line
                ));
            }
        }
    }
    assert_eq!(lines, expected);
}

const USE: &str =
    "from openai import OpenAI\nfrom .config import MODEL\nOpenAI().responses.create(model=MODEL)";

#[test]
fn a_constant_of_another_file() {
    check(
        &[("p/a.py", USE), ("p/config.py", "\nMODEL = 'gpt-4o'")],
        "model-reference",
        &["p/a.py: gpt-4o p/config.py:2", "p/a.py: gpt-4o p/a.py:3"],
    );
    check(
        &[("p/a.py", USE), ("p/config/__init__.py", "MODEL = 'gpt-4o'")],
        "model-reference",
        &["p/a.py: gpt-4o p/config/__init__.py:1", "p/a.py: gpt-4o p/a.py:3"],
    );
    check(&[("p/a.py", USE), ("q/config.py", "MODEL = 'gpt-4o'")], "model-reference", &[]);
}

#[test]
fn through_re_exports() {
    let with = |config: &str, rest: (&str, &str)| {
        check(
            &[("p/a.py", USE), ("p/config.py", config), (rest.0, rest.1)],
            "model-reference",
            &[&format!("p/a.py: gpt-4o {}:1", rest.0), "p/a.py: gpt-4o p/a.py:3"],
        );
    };
    with("from .deep import NAME as MODEL", ("p/deep.py", "NAME = 'gpt-4o'"));
    with("from .deep import *", ("p/deep.py", "MODEL = 'gpt-4o'"));
    with("from p.deep import MODEL", ("p/deep.py", "MODEL = 'gpt-4o'"));
    with("from .deep import pick\nMODEL = pick()", ("p/deep.py", "def pick(): return 'gpt-4o'"));
}

#[test]
fn members_instances_and_results() {
    for (used, config) in [
        ("import p.config as c\nf(model=c.MODEL)", "MODEL = 'gpt-4o'"),
        ("from p import config\nf(model=config.MODEL)", "MODEL = 'gpt-4o'"),
        (
            "from .config import settings\nf(model=settings.model)",
            "class S:\n    model = 'gpt-4o'\nsettings = S()",
        ),
        ("from .config import S\nf(model=S().model)", "class S:\n    model = 'gpt-4o'"),
        ("from .config import get\nf(model=get())", "def get():\n    return 'gpt-4o'"),
        ("from .config import C\nf(model=C['chat']['model'])", "C = {'chat': {'model': 'gpt-4o'}}"),
        ("from .config import M\nf(model=M.FAST.value)", "class M(Enum):\n    FAST = 'gpt-4o'"),
    ] {
        let used = format!("from openai import OpenAI\nf = OpenAI().responses.create\n{used}");
        let files = BTreeMap::from([
            ("p/a.py".to_owned(), used.clone().into_bytes()),
            ("p/config.py".to_owned(), config.as_bytes().to_vec()),
        ]);
        let answers = tree::scan::<Python>(&files);
        let found = answers["p/a.py"].0.assets.iter().any(|asset| asset.name == "gpt-4o");
        assert!(found, "{used}\n---\n{config}");
    }
}

#[test]
fn parts_of_one_prompt() {
    check(
        &[
            (
                "a.py",
                "from agents import Agent\nfrom texts import START, RULES\nAgent(name='a', instructions=START + RULES)",
            ),
            (
                "texts.py",
                "START = 'Answer what the traveller asks about the flight, and nothing else that is asked.'\nRULES = 'Never change a flight that has left the ground, and say why in a line.'",
            ),
        ],
        "prompt",
        &["a.py: START texts.py:1", "a.py: RULES texts.py:2"],
    );
}

#[test]
fn schemas_that_are_tools() {
    let schemas = "from pydantic import BaseModel\n\nclass Reply(BaseModel):\n    text: str\n\nclass Invite(BaseModel):\n    day: str\n";
    for used in [
        "from langchain_openai import ChatOpenAI\nfrom .schemas import Reply\nChatOpenAI().bind_tools([Reply])",
        "from langchain_openai import ChatOpenAI\nfrom .schemas import Reply\ndef ask(llm):\n    forms = [Reply]\n    return llm.bind_tools(forms)",
    ] {
        check(&[("p/a.py", used), ("p/schemas.py", schemas)], "tool", &["p/a.py: Reply p/schemas.py:3"]);
    }
    check(
        &[
            (
                "p/a.py",
                "from langchain_openai import ChatOpenAI\nfrom .schemas import Reply, Invite\ntools = [Reply]\nif x:\n    tools.append(Invite)\nChatOpenAI().bind_tools(tools)",
            ),
            ("p/schemas.py", schemas),
        ],
        "tool",
        &["p/a.py: Invite p/schemas.py:6", "p/a.py: Reply p/schemas.py:3"],
    );
    // A schema that nobody hands to a model, and one of a program without one.
    check(
        &[
            (
                "p/a.py",
                "from langchain_openai import ChatOpenAI\nfrom .schemas import Reply\nfields = [Reply]\nChatOpenAI()",
            ),
            ("p/b.py", "from .schemas import Reply\ntools = [Reply]\nshop.bind_tools(tools)"),
            ("p/schemas.py", schemas),
        ],
        "tool",
        &[],
    );
}

#[test]
fn prompts_keys_endpoints_and_tools() {
    check(
        &[
            ("a.py", "from prompts import SYSTEM\nm = [{'role': 'system', 'content': SYSTEM}]"),
            ("prompts.py", "\n\nSYSTEM = 'Answer in verse and rhyme.'"),
        ],
        "prompt",
        &["a.py: SYSTEM prompts.py:3"],
    );
    check(
        &[
            (
                "a.py",
                "from openai import OpenAI\nfrom env import KEY, URL\nOpenAI(api_key=KEY, base_url=URL)",
            ),
            ("env.py", "import os\nKEY = os.environ['LLM_KEY']\nURL = 'http://llm.internal/v1'"),
        ],
        "endpoint",
        &["a.py: http://llm.internal/v1 env.py:3"],
    );
    check(
        &[
            (
                "a.py",
                "from langchain.agents import create_agent\nfrom kit import add\nx = create_agent(m, tools=[add])",
            ),
            ("kit.py", "def add(a, b): ..."),
        ],
        "tool",
        &["a.py: add kit.py:1"],
    );
}

#[test]
fn circles_end() {
    check(
        &[("p/a.py", USE), ("p/config.py", "from .b import MODEL"), ("p/b.py", "from .config import MODEL")],
        "model-reference",
        &[],
    );
}

#[test]
fn what_a_star_brings() {
    check(
        &[
            (
                "p/a.py",
                "from openai import OpenAI\nfrom .config import *\nOpenAI().responses.create(model=MODEL)",
            ),
            ("p/config.py", "\nMODEL = 'gpt-4o'"),
        ],
        "model-reference",
        &["p/a.py: gpt-4o p/config.py:2", "p/a.py: gpt-4o p/a.py:3"],
    );
    check(
        &[
            (
                "p/a.py",
                "from crewai import Agent\nfrom tools import *\na = Agent(role='a', tools=[look, print])",
            ),
            ("p/tools.py", "def look(q): pass"),
        ],
        "tool",
        &["p/a.py: look p/tools.py:1"],
    );
}

#[test]
fn prompts_in_parts() {
    check(
        &[
            (
                "p/a.py",
                "from crewai import Agent\nfrom p.texts import START, RULES, HOUSE\na = Agent(role='a', instructions=START + RULES)\nb = create_desk_agent(instructions=f'{START} at {HOUSE}')",
            ),
            (
                "p/texts.py",
                "START = 'You greet the guest before all else, in the language that the guest speaks.'\nRULES = 'Then you say what it costs, and that breakfast is not in the price.'\nHOUSE = 'The Old Mill Inn'",
            ),
        ],
        "prompt",
        &["p/a.py: START p/texts.py:1", "p/a.py: START p/texts.py:1", "p/a.py: RULES p/texts.py:2"],
    );
}
