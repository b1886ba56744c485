//! Prompts: files that are one, and texts in settings that stand where a model is told what to do.

use crate::look::Look;
use inventar_analysis::prompt::{instructs, is_prose, says_who};
use inventar_documents::{Entry, Node};
use std::ops::Range;

/// Whether a file may be a prompt by its place: its name or a folder says so.
pub(crate) fn is_prompt_place(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let mut folders: Vec<&str> = lower.split('/').collect();
    let name = folders.pop().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    // What explains a skill, or the project to an assistant.
    if folders.iter().any(|folder| matches!(*folder, "references" | "reference" | ".claude" | "docs")) {
        return false;
    }
    let says = |word: &str| {
        word.split(['_', '-', ' ', '.'])
            .any(|part| matches!(part, "prompt" | "prompts" | "sysprompt" | "systemprompt" | "skprompt"))
    };
    // `profilePrompt.txt`.
    let spelled = path.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or_default();
    let is_spelled = spelled.ends_with("Prompt") || spelled.ends_with("Prompts");
    !is_page_name(stem)
        && (says(stem)
            || is_spelled
            || folders.iter().rev().take(4).any(|folder| says(folder) || *folder == "instructions"))
}

/// What a page for people is called, in lower case.
fn is_page_name(stem: &str) -> bool {
    const PAGES: &[&str] = &[
        "readme",
        "changelog",
        "index",
        "license",
        "contributing",
        "security",
        "summary",
        "requirements",
        "robots",
    ];
    PAGES.contains(&stem)
}

/// A template or text file: a prompt if it instructs a model; outside the usual places it must say who the model is.
pub(crate) fn file(look: &mut Look<'_>, text: &str) {
    let is_place = is_prompt_place(look.path());
    // `system.md`, or a file that is called SYSTEM and nothing else: it must say who the model is.
    let is_system = matches!(
        &*look.stem().to_ascii_lowercase().replace('-', "_"),
        "system" | "system_message" | "system_prompt" | "system_instruction" | "system_instructions"
    );
    let marks = instructs(text);
    let is_text = look.path().ends_with(".md") || look.path().ends_with(".txt");
    let text_of_file = text;
    let is_prompt = is_prose(text)
        && match (is_place, is_text) {
            // Semantic Kernel's, whatever it says.
            _ if look.stem() == "skprompt" => true,
            (true, _) if is_system && !has_heading(text_of_file) => true,
            (true, _) if is_form(text_of_file) => true,
            // What is filled in and sent need not say who the model is.
            (true, text) if has_holes(text_of_file) => marks >= u8::from(text),
            (true, false) => marks >= 2,
            (true, true) => marks >= 3,
            (false, _) if is_system => marks >= 4 || text.trim_start().starts_with("You are "),
            // Its first words say who the model is, or what is to be done.
            (false, true) => {
                marks >= 4 && is_role(text_of_file) && !is_page_name(&look.stem().to_ascii_lowercase())
            }
            (false, false) => marks >= 6,
        };
    if !is_prompt || is_page(text) || look.stem().starts_with("chat_template") {
        return;
    }
    let start = text.len() - text.trim_start().len();
    let end = text[start..].find('\n').map_or(text.len(), |end| start + end);
    let confidence = if marks >= 4 { 85 } else { 70 };
    let name = look.path().rsplit('/').next().unwrap_or(look.path());
    let role = if is_system { "system" } else { "template" };
    look.prompt(name, role, text, &(start..end), "prompt-file", confidence);
}

/// Whether a text begins by speaking to a model, as a page or a letter does not.
fn is_role(text: &str) -> bool {
    says_who(text.lines().next().unwrap_or_default())
}

/// A short text over several lines whose places are filled in as `printf` does: `Given this profile:\n%s`.
fn is_form(text: &str) -> bool {
    text.len() < 2000 && text.contains('\n') && text.matches("%s").count() >= 2
}

/// Markdown with a title is a page.
fn has_heading(text: &str) -> bool {
    text.trim_start().starts_with("# ")
}

/// Prose with places for values: `{{ .diff }}`, `{% if language %}`.
fn has_holes(text: &str) -> bool {
    let head = &text[..text.floor_char_boundary(4000)];
    let words = head
        .split_whitespace()
        .filter(|word| word.bytes().all(|byte| byte.is_ascii_alphabetic() || b".,!?:'".contains(&byte)));
    ["{{", "{%"].iter().any(|hole| head.contains(hole)) && words.take(10).count() == 10
}

/// A page for people that only lies in such a folder.
fn is_page(text: &str) -> bool {
    let head = &text[..text.floor_char_boundary(3000)];
    // A lesson: headings, links to its other pages, code to copy.
    let is_lesson = head.starts_with("# ")
        && (text.matches("\n```").count() >= 4 || text.contains(".md)"))
        && !head[..head.floor_char_boundary(600)].contains("You are ");
    is_lesson
        || head.matches("](http").count() >= 6
        || head.contains("<!DOCTYPE html")
        || head.contains("<html")
        || head.contains("shields.io")
}

/// `model: {api: chat, configuration: {azure_deployment: gpt-4o}}` of Prompty, `model: googleai/gemini-…` of Dotprompt.
pub(crate) fn template_model(look: &mut Look<'_>, key: &str, matter: Option<&Node>) {
    let Some(model) = matter.and_then(|matter| matter.get("model")) else { return };
    let configuration = model.get("configuration").or(model.get("options"));
    for node in [Some(model), configuration].into_iter().flatten() {
        if let Some(id) = node.any(&["azure_deployment", "model", "name", "deployment", "id"])
            && let Some(text) = id.text()
            && let Some(found) = look.model(text, &id.span, true)
        {
            look.uses(key, &found, &id.span);
        }
    }
}

/// What a model is trained and later asked with: a text around what is filled in, and where the answer begins.
pub(crate) fn training_template(root: &Node) -> Option<(&str, Range<usize>)> {
    let text = |key: &str| root.get(key).and_then(Node::text);
    let is_one = text("prompt_input").is_some() && text("prompt_no_input").is_some()
        || text("response_split").is_some();
    let texts = root.entries().iter().filter(|entry| entry.key != "description" && is_one);
    let prompt = texts.filter_map(|entry| Some((entry, entry.node.text().filter(|text| is_prose(text))?)));
    prompt
        .max_by_key(|(_, text)| text.len())
        .map(|(entry, text)| (text, text_start(&entry.node.span, &entry.key_span)))
}

/// Whether a table of that name holds prompts.
pub(crate) fn holds_prompts(name: &str) -> bool {
    matches!(
        &*name.to_ascii_lowercase().replace(['-', '_', ' '], ""),
        "prompts" | "prompttemplates" | "systemprompts" | "promptlibrary" | "agentprompts" | "promptoptions"
    )
}

/// A text under a name: in a system position prose is enough, elsewhere it must instruct. `among`: how much it must where
/// it stands among prompts (2), or in a table that is one (0).
pub(crate) fn setting(
    look: &mut Look<'_>,
    entry: &Entry,
    owner: Option<&str>,
    is_agent: bool,
    among: Option<u8>,
) -> Option<String> {
    let text = entry.node.text()?;
    let name = entry.key.to_ascii_lowercase().replace(['-', '.', ' '], "_");
    let name = name.trim_matches('_');
    let (role, least) = match name {
        "system_prompt"
        | "systemprompt"
        | "system_message"
        | "systemmessage"
        | "system_instruction"
        | "systeminstruction"
        | "system_instructions"
        | "sys_prompt"
        | "backstory"
        | "systemmessageprompt"
        | "agent_system_prompt" => ("system", 0),
        _ if name.ends_with("system_prompt")
            || name.ends_with("systemprompt")
            || name.ends_with("systemmessage") =>
        {
            ("system", 0)
        }
        "instructions" | "instruction" | "global_instruction" | "agentinstructions" => (
            // An agent's own instructions are its system text whatever they say.
            "system",
            if is_agent { 0 } else { 2 },
        ),
        "prompt"
        | "template"
        | "prompt_template"
        | "user_prompt"
        | "initial_prompt"
        | "direct_prompt"
        | "custom_instructions" => ("template", if among == Some(0) { 0 } else { 3 }),
        _ if name.ends_with("prompt")
            || name.ends_with("prompt_template")
            || name.ends_with("instruction")
            || name.ends_with("instructions") =>
        {
            ("template", 3)
        }
        _ if among == Some(2) && text.len() >= 60 => ("template", 2),
        _ => return None,
    };
    let is_prompt = is_prose(text) && instructs(text) >= least && !is_code(text);
    if !is_prompt {
        return None;
    }
    let label = match owner {
        Some(owner) => format!("{owner} {}", entry.key),
        None => entry.key.clone(),
    };
    let confidence = if role == "system" { 90 } else { 80 };
    let at = text_start(&entry.node.span, &entry.key_span);
    Some(look.prompt(&label, role, text, &at, "prompt-setting", confidence))
}

/// A block text is shown from its name: the marker that opens it says nothing.
fn text_start(value: &Range<usize>, key: &Range<usize>) -> Range<usize> {
    if key.start < value.start { key.start..value.end } else { value.clone() }
}

/// A template of code or a format, not a text.
fn is_code(text: &str) -> bool {
    let trimmed = text.trim_start();
    trimmed.starts_with("#!/")
        || trimmed.starts_with("import ")
        || trimmed.starts_with("function ")
        || trimmed.starts_with("SELECT ")
}
