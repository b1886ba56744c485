//! Prompts: files, libraries, texts in settings.

use super::check;

#[test]
fn libraries_of_prompts() {
    let roles = ["a poet", "a lawyer", "an editor", "a cook", "a guide"];
    let yaml: String = roles
        .iter()
        .map(|role| {
            format!("- title: {role}\n  content: I want you to act as {role}. Answer the question.\n")
        })
        .collect();
    check("roles.yaml", &yaml, &["prompt roles.yaml runtime 1"]);
    let items: Vec<String> = roles
        .iter()
        .map(|role| {
            format!("{{\"act\": \"{role}\",\n\"prompt\": \"我想让你充当{role}。我会给你描述我的梦。\"}}")
        })
        .collect();
    check(
        "library.json",
        &format!("{{\"items\": [{}]}}", items.join(",")),
        &["prompt library.json runtime 1"],
    );
    let csv: String = roles
        .iter()
        .map(|role| format!("\"{role}\",\"You are {role}, and \"\"kind\"\".\nAnswer me.\"\n"))
        .collect();
    check("data/roles.csv", &format!("\"act\",\"prompt\"\n{csv}"), &["prompt roles.csv runtime 2"]);
    // A few are reported one by one, by what they are called.
    check(
        "prompts.yaml",
        "prompts:\n- name: poet\n  prompt: You are a poet. Answer the question in verses, you must not use prose.\n",
        &["prompt prompt runtime 3"],
    );
    // Posts, questions and answers, agents.
    let posts: String = roles
        .iter()
        .map(|role| format!("- title: {role}\n  content: The life of {role} is told here, at length.\n"))
        .collect();
    check("posts.yaml", &posts, &[]);
    let lessons: String = (0..8)
        .map(|n| {
            format!(
                "- title: Lesson {n}\n  text: You can provide the output in any format, but the result must be valid JSON. Only \
                 the following example does not generate a summary. Make sure you have it. If you are a beginner, avoid it.\n"
            )
        })
        .collect();
    check("search.yaml", &lessons, &[]);
    let rows: String = (0..8)
        .map(|n| format!("Post {n},You are here. The example must only provide output in the format that you can use as JSON.\n"))
        .collect();
    check("posts.csv", &format!("title,content\n{rows}"), &[]);
    // An agent among prompts is one all the same.
    check(
        "mixed.yaml",
        &format!("{yaml}- name: guard\n  model: gpt-4o\n  instructions: You guard the gates of the town.\n"),
        &[
            "prompt mixed.yaml runtime 1",
            "agent guard runtime 11",
            "model-reference gpt-4o runtime 12",
            "prompt guard instructions runtime 13",
        ],
    );
    check("qa.csv", "question,answer\nWho are you?,You are a person\n", &[]);
    check("leads.csv", "name,text\na,You are a\nb,x y z\n", &[]);
}

#[test]
fn prompt_files() {
    let text =
        "You are a careful editor. Your task is to answer the question of the user. Return only JSON.\n";
    check("app/prompts/edit.txt", text, &["prompt edit.txt runtime 1"]);
    check("app/prompts/edit.md", text, &["prompt edit.md runtime 1"]);
    check("app/prompts/README.md", text, &[]);
    check("tests/prompts/edit.txt", text, &["prompt edit.txt test 1"]);
    check("app/notes/edit.txt", text, &["prompt edit.txt runtime 1"]);
    check("app/notes/edit.txt", &format!("Notes of May\n{text}"), &[]);
    check(
        "characters/nora.txt",
        "You are a fictional sailor whose name is Nora.\n###\nHuman: hello\nNora: ahoy\n",
        &["prompt nora.txt runtime 1"],
    );
    check(
        "story/maze.txt",
        "You are in a maze of little passages. You can go north, and you must eat.\n",
        &[],
    );
    check("docs/start.md", "# Start\n\nYou are a developer. You must install the following example.\n", &[]);
    check("templates/answer.j2", text, &["prompt answer.j2 runtime 1"]);
    check(
        "templates/mail.html.j2",
        "<html><body>Dear {{ name }}, you are welcome to answer</body></html>",
        &[],
    );
    check("deploy/nginx.conf.j2", "server { listen 80; } # You are the system\n", &[]);
    let form = "Given this profile:\n%s\n\nand this message:\n%s\n";
    check("src/main/resources/profilePrompt.txt", form, &["prompt profilePrompt.txt runtime 1"]);
    check("src/main/resources/mail.txt", form, &[]);
    let spoken = "\u{442}\u{438} \u{431}\u{43e}\u{442}-\u{43f}\u{43e}\u{43c}\u{456}\u{447}\u{43d}\u{438}\u{43a} \u{438}\u{43d}\u{443} \u{43c}\u{430}\u{433}\u{430}\u{437}\u{438}\u{43d}\u{443}.\n";
    check("Core/Prompts/system_instruction.txt", spoken, &["prompt system_instruction.txt runtime 1"]);
    check("prompts/shopping.txt", "Milk, eggs, and bread for tomorrow.\n", &[]);
    check(
        "basic.prompty",
        "---\nname: Basic\nmodel:\n  api: chat\n  configuration:\n    azure_deployment: gpt-4o\n---\nsystem:\nYou are an assistant.\n",
        &["prompt basic runtime 2", "model-reference gpt-4o runtime 6"],
    );
    check(
        "prompts/menu.prompt",
        "---\nmodel: googleai/gemini-1.5-flash\ninput:\n  schema: {}\n---\nList the menu.\n",
        &["prompt menu runtime 1", "model-reference googleai/gemini-1.5-flash runtime 2"],
    );
}

#[test]
fn texts_in_settings() {
    check(
        "config.yaml",
        "llm:\n  system_prompt: |\n    You are the assistant of a shop.\n  model: gpt-4o\nmail:\n  template: Dear customer, thank you for the order you made.\n",
        &["prompt system_prompt runtime 2"],
    );
    check(
        "grader.prompt.yml",
        "messages:\n  - role: system\n    content: You are a strict grader of essays.\n  - role: user\n    content: hi\n",
        &["prompt grader system runtime 3"],
    );
    check(
        "compose.yaml",
        "services:\n  duck:\n    environment:\n      DUCK_AGENT_INSTRUCTION: |\n        You are a duck. Only answer what the user asks.\n",
        &["prompt duck_agent_instruction runtime 4"],
    );
    check(
        "install.yaml",
        "instructions: Copy the file to the folder and run it\nprompt: Enter your name\n",
        &[],
    );
}

#[test]
fn prompts_by_where_they_are_kept() {
    let label = "You are an expert at naming things.\nReturn only a name for {{ change }}.\n";
    check("prompts/label.tera", label, &["prompt label.tera runtime 1"]);
    check("pkg/ask/SYSTEM", label, &["prompt SYSTEM runtime 1"]);
    check(
        "skills/Fun/Joke/skprompt.txt",
        "WRITE A JOKE ABOUT {{$input}}\n",
        &["prompt skprompt.txt runtime 1"],
    );
    check(
        "prompts/Chat.yaml",
        "name: Chat\ntemplate: |\n  <message role=\"system\">You help the guests.</message>\ntemplate_format: handlebars\n",
        &["prompt template runtime 2"],
    );
    let lesson = "# Language models\n\nIn this part you will write a prompt. Make sure that you have [part 1](./1_Part.md) done.\nOnly the following is needed, for example:\n";
    check("instructions/2_Models.md", lesson, &[]);
    let patch =
        "Below is a patch. Please do a brief review of it, and name whatever could be mended: {{ .diff }}\n";
    check("prompt/templates/review.tmpl", patch, &["prompt review.tmpl runtime 1"]);
    check("mail/templates/review.tmpl", patch, &[]);
    check("pkg/run/SYSTEM", "You are software for shell commands.\n", &["prompt SYSTEM runtime 1"]);
    check("patterns/name/system.md", label, &["prompt system.md runtime 1"]);
    check("patterns/name/system.md", "# The system\n\nYou must read the instructions of the system.\n", &[]);
    check(
        "appsettings.json",
        r#"{"Prompts": {"Intent": "Rewrite the last message of the user so that it stands alone. Do not add anything.", "Limit": 3,
            "Greeting": "Hello, how can I help you today with whatever you have on your mind?"}}"#,
        &["prompt Intent runtime 1"],
    );
    check(
        "query.yml",
        "components:\n  builder:\n    type: haystack.components.builders.prompt_builder.PromptBuilder\n    init_parameters:\n      template: \"Given the following context, answer the question: {{ query }}\"\n",
        &["prompt template runtime 5"],
    );
    check(
        "openapi.yml",
        "components:\n  schemas:\n    Ask:\n      prompt: \"Given the following context, answer the question in JSON\"\n",
        &[],
    );
    check(
        "tools/mail.json",
        r#"{"name": "send_mail", "description": "Sends a mail.", "iconSrc": "", "schema": "[]", "func": "return 1"}"#,
        &["tool send_mail runtime 1"],
    );
}
