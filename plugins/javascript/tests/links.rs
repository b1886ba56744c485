//! What is found across files, as `path: name there:line`.

use inventar_plugin_javascript::JavaScript;
use inventar_trial::tree;
use std::collections::BTreeMap;

#[track_caller]
fn check(files: &[(&str, &str)], kind: &str, expected: &[&str]) {
    let files: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(path, code)| ((*path).to_owned(), code.as_bytes().to_vec())).collect();
    let mut lines = Vec::new();
    for (path, (answer, parts)) in tree::scan::<JavaScript>(&files) {
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

fn using(import: &str, model: &str) -> String {
    format!("import {{ openai }} from '@ai-sdk/openai'\n{import}\nopenai({model})")
}

#[test]
fn a_constant_of_another_file() {
    for (module, path) in [
        ("./config", "app/config.ts"),
        ("./config", "app/config/index.ts"),
        ("./config.js", "app/config.ts"),
        ("../lib/config", "lib/config.js"),
        ("@/lib/config", "lib/config.ts"),
        ("@/config", "src/config.ts"),
        ("~/config", "web/config.ts"),
        ("@acme/ai", "packages/ai/src/index.ts"),
        ("@acme/ai/models", "packages/ai/src/models.ts"),
    ] {
        let code = using(&format!("import {{ MODEL }} from '{module}'"), "MODEL");
        let there = format!("app/a.ts: gpt-4o {path}:2");
        check(
            &[("app/a.ts", &code), (path, "\nexport const MODEL = 'gpt-4o'")],
            "model-reference",
            &[&there, "app/a.ts: gpt-4o app/a.ts:3"],
        );
    }
    let code = using("import { MODEL } from './config'", "MODEL");
    check(&[("app/a.ts", &code), ("web/config.ts", "export const MODEL = 'gpt-4o'")], "model-reference", &[]);
}

#[test]
fn through_re_exports() {
    let code = using("import { MODEL } from './config'", "MODEL");
    for (config, deep) in [
        ("export { MODEL } from './deep'", "export const MODEL = 'gpt-4o'"),
        ("export { NAME as MODEL } from './deep'", "export const NAME = 'gpt-4o'"),
        ("export * from './deep'", "export const MODEL = 'gpt-4o'"),
        ("import { NAME } from './deep'\nexport const MODEL = NAME", "export const NAME = 'gpt-4o'"),
        ("import NAME from './deep'\nexport { NAME as MODEL }", "export default 'gpt-4o'"),
    ] {
        check(
            &[("p/a.ts", &code), ("p/config.ts", config), ("p/deep.ts", deep)],
            "model-reference",
            &["p/a.ts: gpt-4o p/deep.ts:1", "p/a.ts: gpt-4o p/a.ts:3"],
        );
    }
}

#[test]
fn members_instances_and_results() {
    for (import, model, config) in [
        ("import * as c from './c'", "c.MODEL", "export const MODEL = 'gpt-4o'"),
        ("import c from './c'", "c.chat.model", "export default { chat: { model: 'gpt-4o' } }"),
        ("import { c } from './c'", "c['chat']", "export const c = { chat: 'gpt-4o' } as const"),
        ("import { M } from './c'", "M.Fast", "export enum M { Fast = 'gpt-4o' }"),
        ("import { pick } from './c'", "pick()", "export function pick() { return 'gpt-4o' }"),
        ("import { C } from './c'", "C.model", "export class C { static model = 'gpt-4o' }"),
        ("const { MODEL } = require('./c')", "MODEL", "module.exports = { MODEL: 'gpt-4o' }"),
    ] {
        let files = BTreeMap::from([
            ("p/a.ts".to_owned(), using(import, model).into_bytes()),
            ("p/c.ts".to_owned(), config.as_bytes().to_vec()),
        ]);
        let answers = tree::scan::<JavaScript>(&files);
        let found = answers["p/a.ts"].0.assets.iter().any(|asset| asset.name == "gpt-4o");
        assert!(found, "{import}\n---\n{config}");
    }
}

#[test]
fn prompts_keys_endpoints_and_tools() {
    let ai = "import { generateText } from 'ai'\nimport OpenAI from 'openai'\n";
    check(
        &[
            (
                "a.ts",
                &format!("{ai}import {{ SYSTEM }} from './prompts'\ngenerateText({{ system: SYSTEM }})"),
            ),
            ("prompts.ts", "\n\nexport const SYSTEM = 'Answer in verse and rhyme.'"),
        ],
        "prompt",
        &["a.ts: SYSTEM prompts.ts:3"],
    );
    check(
        &[
            (
                "a.ts",
                &format!(
                    "{ai}import {{ system }} from './prompts'\ngenerateText({{ system: system({{ a: 1 }}) }})"
                ),
            ),
            ("prompts.ts", "\nexport const system = ({ a }) => `Answer in verse and rhyme about ${a}.`"),
        ],
        "prompt",
        &["a.ts: system prompts.ts:2"],
    );
    check(
        &[
            (
                "a.ts",
                &format!(
                    "{ai}import {{ KEY, URL }} from './env'\nnew OpenAI({{ apiKey: KEY, baseURL: URL }})"
                ),
            ),
            ("env.ts", "export const KEY = process.env.LLM_KEY\nexport const URL = 'http://llm.internal/v1'"),
        ],
        "endpoint",
        &["a.ts: http://llm.internal/v1 env.ts:2"],
    );
}

#[test]
fn an_agent_uses_tools_of_other_files() {
    let files = [
        (
            "a.ts",
            "import { streamText } from 'ai'\nimport { find } from './find'\nconst run = streamText({ tools: { find: find({ a: 1 }) }, stopWhen })",
        ),
        (
            "find.ts",
            "import { tool } from 'ai'\nexport const find = ({ a }) => tool({ description: 'd', execute })",
        ),
    ];
    let files: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(path, code)| ((*path).to_owned(), code.as_bytes().to_vec())).collect();
    let answers = tree::scan::<JavaScript>(&files);
    assert!(answers["find.ts"].0.assets.iter().any(|asset| asset.key == "tool:find"));
    let uses = answers["a.ts"].0.relations.iter().filter(|relation| relation.kind == "uses").count();
    assert_eq!(uses, 1);
}

#[test]
fn circles_end() {
    let code = using("import { MODEL } from './config'", "MODEL");
    check(
        &[
            ("p/a.ts", &code),
            ("p/config.ts", "export { MODEL } from './b'"),
            ("p/b.ts", "export * from './config'"),
        ],
        "model-reference",
        &[],
    );
    // A class whose method makes the class.
    let class = "export class A { make() { return new A() } b = new B() }\nexport class B { a = new A() }";
    check(&[("p/a.ts", class)], "model-reference", &[]);
}

#[test]
fn prompts_in_parts() {
    check(
        &[
            (
                "app/a.ts",
                "import { Agent } from '@openai/agents'\nimport { START, HOUSE } from './texts'\nnew Agent({ name: 'a', instructions: `${START} at ${HOUSE}` })",
            ),
            (
                "app/texts.ts",
                "export const START = 'You greet the guest before all else, in the language that the guest speaks.'\nexport const HOUSE = 'The Old Mill Inn'",
            ),
        ],
        "prompt",
        &["app/a.ts: START app/texts.ts:1"],
    );
}
