//! Prompts: messages, functions, collections, and what a model is asked with.

use super::{check, seen};

#[test]
fn prompts() {
    let system = "You translate what the user says.";
    let ai = "import { generateText, streamText } from 'ai'\n";
    check(&format!("{ai}generateText({{ system: '{system}' }})"), &["prompt system prompt 2"]);
    check(&format!("{ai}const P = `{system}`\ngenerateText({{ system: P }})"), &["prompt P 2"]);
    check(
        &format!("{ai}const make = (x) => `{system} ${{x}}`\ngenerateText({{ system: make(1) }})"),
        &["prompt make 2"],
    );
    check(
        &format!("const m = [{{ role: 'system', content: '{system}' }}, {{ role: 'user', content: q }}]"),
        &["prompt system prompt 1"],
    );
    check(
        &format!(
            "import {{ ChatPromptTemplate }} from '@langchain/core/prompts'\nChatPromptTemplate.fromMessages([['system', '{system}']])"
        ),
        &["prompt system prompt 2"],
    );
    let ask = "Given the following notes about ${topic}, write a report that a person can read in one go, and list what is missing.";
    check(
        &format!("{ai}async function report(topic) {{ return generateText({{ prompt: `{ask}` }}) }}"),
        &["prompt report template prompt 2"],
    );
    check(
        &format!(
            "{ai}import {{ cut }} from './cut'\nasync function report(topic) {{ return generateText({{ prompt: cut(`{ask}`, 9000) }}) }}"
        ),
        &["prompt report template prompt 3"],
    );
    check("import { pull } from 'langchain/hub'\nawait pull('rlm/rag-prompt')", &["prompt rlm/rag-prompt 2"]);
    check(
        "export const reviewPrompt = (code) => `You are a careful reviewer. You must answer in JSON. Do not explain ${code} at all.`",
        &["prompt reviewPrompt 1"],
    );
    check(
        "const help = 'You must give a file name to this command.'\nconst m = { role: 'system', content: 'Model switched.' }",
        &[],
    );
    check("const PromptInput = () => <div>You are a great person and should write text</div>", &[]);
}

#[test]
fn messages_of_langchain() {
    let ai = "import { ChatOpenAI } from '@langchain/openai'\nconst llm = new ChatOpenAI()\n";
    check(
        &format!(
            "{ai}llm.invoke([{{ type: 'system', content: 'You are a pirate.' }}, {{ type: 'text', content: 'not a prompt' }}])"
        ),
        &["prompt system prompt 3"],
    );
    check("import { pull } from '@langchain/classic/hub'\nawait pull('a/b')", &["prompt a/b 2"]);
}

#[test]
fn prompts_in_functions() {
    let text =
        "Summarise what was said. Keep the decisions and what is still open, and leave out all greetings.";
    let ai = "import { createTool } from '@mastra/core/tools'\n";
    check(
        &format!(
            "{ai}async function run(said) {{\n  const prompt = `{text}\n\n${{said}}`\n  return writer.generate(prompt)\n}}"
        ),
        &["prompt prompt 3"],
    );
    check(&format!("async function run(said) {{ const prompt = `{text} ${{said}}` }}"), &[]);
    check(
        &format!(
            "{ai}function ask() {{ const prompt = `Delete ${{file}} and everything that is in it, without a way back? Type its name to go on: ` }}"
        ),
        &[],
    );
}

#[test]
fn all_that_a_model_is_told() {
    let with = |arguments: &str| {
        format!(
            "import {{ generateObject }} from 'ai'\nasync function offer(a, b) {{\n  await generateObject({{ {arguments} }})\n}}"
        )
    };
    check(
        &with("model, prompt: `Offer three flights from ${a} to ${b}`"),
        &["prompt offer template prompt 3"],
    );
    check(&with("model, prompt: `${a}`"), &[]);
    check(
        &with(
            "model, system: 'You sell flights to guests.', prompt: `Offer three flights from ${a} to ${b}`",
        ),
        &["prompt offer system prompt 3"],
    );
    check(
        "const judge = make('http://localhost:8001/v1', 'gpt-4o')",
        &["endpoint http://localhost:8001/v1 1", "model-reference gpt-4o 1"],
    );
}

#[test]
fn prompts_that_ask_for_the_middle() {
    check(
        "export const ask = (before: string, after: string) => ({\n  prompt: `<PRE> ${before} <SUF> ${after} <MID>`,\n  stop: ['<MID>'],\n})",
        &["prompt ask infill prompt 2"],
    );
    check(
        "const text = '<fim_prefix>' + head + '<fim_suffix>' + tail + '<fim_middle>'",
        &["prompt infill prompt 1"],
    );
    // Tokens of a table, and an element of HTML.
    check("const tokens = ['<fim_prefix>', '<fim_suffix>', '<fim_middle>']", &[]);
    check("const page = `<PRE>${code}</PRE>`", &[]);
}

#[test]
fn collections_of_prompts() {
    let texts = "  recap: 'Put together what was said so far in five lines for a colleague',\n  tone: `Rewrite the letter below so that it is kind.\nDo not change what it asks for.`,\n  risks: 'Which risks does the plan have that nobody has named so far, by order',\n";
    let rows = ["prompt recap 2", "prompt tone 3", "prompt risks 5"];
    check(&format!("export const prompts = {{\n{texts}}}"), &rows);
    let list = "export const userPrompts = [\n  { label: 'Recap', prompt: 'Put together what was said so far in five lines for a colleague' },\n  { label: 'Tone', prompt: 'Rewrite the letter so that it is kind. Do not change what it asks for.' },\n  { label: 'Risks', prompt: 'Which risks does the plan have that nobody has named so far, by order' },\n]";
    check(list, &["prompt prompt 2", "prompt prompt 3", "prompt prompt 4"]);
    // What a program asks at a screen.
    check(
        "export const prompts = {\n  folder: 'Which folder shall the new project be put into, from here?',\n  clean: 'The folder has files in it that would be lost. Go on?',\n  name: 'The name of the new project, as others will see it:',\n}",
        &[],
    );
    check(
        "import OpenAI from 'openai'\nexport const prompts = {\n  key: 'Enter the key of the service; it is kept on this machine only',\n  tone: 'Select the tone in which letters are written from now on',\n  save: 'Please choose the folder into which all letters are put',\n}",
        &[],
    );
    check(&format!("export const letters = {{\n{texts}}}"), &[]);
}

#[test]
fn parts_of_what_a_model_is_asked() {
    let part = "const STEPS = `1. Summarize the change in a few points, with an example of each.\\n2. Say which of them can fail, and how it should be tested by whoever wrote it.`\n";
    let code = format!(
        "{part}export const build = (diff: string) => {{\n  const content = `The change:\\n${{diff}}\\n${{STEPS}}`\n  return [{{ role: 'user', content }}]\n}}"
    );
    assert!(seen("app/main.ts", &code).contains(&"prompt STEPS 1".to_owned()), "{code}");
    check(
        &format!("{part}export const page = (diff: string) => `The change:\\n${{diff}}\\n${{STEPS}}`"),
        &[],
    );
}

#[test]
fn prompts_in_functions_of_a_project_that_has_a_client_of_its_own() {
    check(
        "async function audit(text: string) {\n  const systemPrompt = `You are a security expert. Look for ${kinds} in what\n    people hand in.\n    Say where each is, and how sure you are of it.`\n  const prompt = `You are reviewing a report of ${author}.\n\n${text}\n\nSummarize the three weakest points of it, and say how to mend them.`\n  return this.local.generate(prompt, systemPrompt)\n}",
        &["prompt systemPrompt 2", "prompt prompt 5"],
    );
    // What a program says to people.
    check(
        "function ask(files: string[]) {\n  const prompt = `The files ${files} are going to be removed from the folder, and cannot be brought back.\nGo on?`\n  return window.confirm(prompt)\n}",
        &[],
    );
}
